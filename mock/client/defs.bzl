"""Tests against mock servers."""

load("//tools:defs.bzl", "pytest_test")

def mock_test(name, srcs, data = [], deps = [], env = {}, plugins = [], tier = "contract", **kwargs):
    """A `pytest_test` whose cases may ask for the fixture `mock_server`.

    ```starlark
    load("@samewire//mock/client:defs.bzl", "mock_test")

    mock_test(
        name = "version_test",
        srcs = ["version_test.py"],
    )
    ```

    ```python
    def test_version(mock_server):
        mock = mock_server("ollama")
        assert my_client(mock.url).version()
        mock.verify(path="/api/version", count=1)
    ```

    Args:
      name: name of the target, ending in `_test`.
      srcs: the files with the tests.
      data: files the tests read; the definitions that `mock_server("serve", FILE)` is given.
      deps: what the tests import.
      env: environment variables.
      plugins: further pytest plugins.
      tier: see pytest_test.
      **kwargs: see pytest_test.
    """
    mock = Label("//mock/cli:mock")
    pytest_test(
        name = name,
        srcs = srcs,
        data = data + [mock],
        env = env | {"SAMEWIRE_MOCK": "$(rootpath %s)" % mock},
        plugins = plugins + ["mock.client.pytest_plugin"],
        tier = tier,
        deps = deps + [Label("//mock/client")],
        **kwargs
    )
