"""`golden_test`; see //tools:defs.bzl."""

load("@rules_python//python:defs.bzl", "py_binary")
load(":pytest_test.bzl", "pytest_test")

def golden_test(name, goldens, update = "update", **kwargs):
    """What is built must be what is committed.

    ```starlark
    golden_test(
        name = "golden_test",
        goldens = {":schema": "testdata/schema"},
    )
    ```

    The test is red when they differ, shows the difference and the command that accepts it:
    `bazel run //the/package:update`.

    Args:
      name: of the test, ending in `_test`.
      goldens: a target with one file or folder → where the same is committed, relative to this package.
      update: name of the target that writes the committed files anew.
      **kwargs: what pytest_test also takes.
    """
    pairs = ["$(rootpath %s)=%s/%s" % (built, native.package_name(), path) for built, path in goldens.items()]
    py_binary(
        name = update,
        testonly = True,
        srcs = [Label("//tools/private:golden.py")],
        args = pairs,
        data = goldens.keys(),
        main = Label("//tools/private:golden.py"),
    )
    pytest_test(
        name = name,
        srcs = [Label("//tools/private:golden_check.py")],
        data = goldens.keys() + native.glob(
            [path for path in goldens.values()] + [path + "/**" for path in goldens.values()],
            allow_empty = True,
        ),
        env = {
            "GOLDEN_PAIRS": " ".join(pairs),
            "GOLDEN_UPDATE": "//%s:%s" % (native.package_name(), update),
        },
        deps = [Label("//tools/private:golden")],
        **kwargs
    )
