"""`pytest_test`; see //tools:defs.bzl."""

load("@rules_python//python:defs.bzl", "py_test")
load("//tools/python/bytecode:bytecode.bzl", "bytecode")
load(":tiers.bzl", "tier_attributes")

# Plugin → its module and its wheel. Labels: in another repository the string would mean that one's @pypi.
_PLUGINS = {
    "hypothesis": ("_hypothesis_pytestplugin", Label("@pypi//:hypothesis")),
}

def pytest_test(
        name,
        srcs,
        deps = [],
        data = [],
        tier = "unit",
        size = None,
        tags = [],
        plugins = [],
        args = [],
        env = {},
        warnings = [],
        shard_count = None,
        durations = None,
        case_attempts = 1,
        flaky_cases = "pass",
        pytest = Label("@pypi//:pytest"),
        **kwargs):
    """A test target whose cases pytest finds and runs.

    ```starlark
    load("//tools:defs.bzl", "pytest_test")

    pytest_test(
        name = "backoff_test",
        srcs = ["backoff_test.py"],
        deps = [":backoff"],
    )
    ```

    A `conftest.py` in the same folder is part of it; one of a folder above is a py_library among `deps`. Warnings are
    errors. A target or a `--test_filter` without a single case is red. Filters: `a_test.py::test_x[1]`,
    `Class.method`, `test_x*`, `retry and not slow`. Results are a function of inputs: random numbers and hypothesis
    are seeded, by `--runs_per_test` or `--test_env=TEST_RANDOM_SEED=7` with other seeds. More than in test.xml stands
    in the undeclared output `cases.jsonl`. `--test_arg` goes to pytest.

    Args:
      name: name of the target, ending in `_test`.
      srcs: the files with the tests; nothing else is collected.
      deps: what the tests import; pytest itself need not be named.
      data: files the tests read.
      tier: "unit" (default), "contract", "system", "load" or "chaos"; decides when the test runs.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      plugins: pytest plugins to load: "hypothesis", or the dotted module of one that is among `deps`. Others that
        happen to be installed are not loaded.
      args: further arguments for pytest.
      env: environment variables.
      warnings: warnings that are no errors here, in the order of Python's `-W`, e.g. "ignore::DeprecationWarning:grpc".
      shard_count: number of parts that run in parallel; empty ones are green.
      durations: JSON file, node id → seconds, by which shards are balanced; without it a hash decides.
      case_attempts: how often a red case may be tried, each time in a fresh process; a flaky case is named in the XML.
      flaky_cases: "pass" or "fail": what a case that was red first and passed later means to the target.
      pytest: the wheel, for tests that use a set of wheels of their own, e.g. "@tinker_0_38//:pytest".
      **kwargs: what py_test also takes (visibility, flaky, target_compatible_with …).
    """
    if not name.endswith("_test"):
        fail("pytest_test(name = \"%s\"): the name of a test ends in _test" % name)
    if not srcs:
        fail("pytest_test(name = \"%s\"): srcs is empty, so there is nothing to test" % name)
    if flaky_cases not in ("pass", "fail"):
        fail("pytest_test(name = \"%s\"): flaky_cases is \"pass\" or \"fail\", not \"%s\"" % (name, flaky_cases))

    runner = ["--case-attempts=%d" % case_attempts, "--flaky-cases=" + flaky_cases]
    runner += ["--warning='%s'" % warning for warning in warnings]
    wheels = [native.package_relative_label(pytest)]
    for plugin in plugins:
        if plugin in _PLUGINS:
            module, wheel = _PLUGINS[plugin]
            wheels.append(wheel)
        elif "." in plugin:
            module = plugin
        else:
            fail("pytest_test(name = \"%s\"): plugin \"%s\" is neither one of %s nor a dotted module" % (name, plugin, ", ".join(_PLUGINS)))
        runner.append("--plugin=" + module)
    files = []
    if durations:
        files.append(durations)
        runner.append("--durations=$(rootpath %s)" % durations)

    named = [native.package_relative_label(dep) for dep in deps]
    everything = [Label("//tools/python/pytest:runner")] + [wheel for wheel in wheels if wheel not in named] + deps
    bytecode(
        name = name + ".bytecode",
        testonly = True,
        tags = ["manual"],
        visibility = ["//visibility:private"],
        deps = everything,
    )
    py_test(
        name = name,
        srcs = srcs + native.glob(["conftest.py"], allow_empty = True) + [Label("//tools/python/pytest:main.py")],
        main = Label("//tools/python/pytest:main.py"),
        args = runner + ["$(rootpath %s)" % src for src in srcs] + ["--"] + args,
        data = data + files + [":%s.bytecode" % name],
        deps = everything,
        env = env,
        shard_count = shard_count,
        **(kwargs | tier_attributes(tier, size, tags))
    )
