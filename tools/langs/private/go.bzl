"""`go_test`; see //tools:defs.bzl."""

load(":launcher.bzl", "ATTRS", "PROGRAM_ATTRS", "language_test", "launch", "program", "shell")

# Go's own folders, the machine's settings and the network are out of reach.
_ENV = {
    "CGO_ENABLED": "0",
    "GOENV": "off",
    "GOFLAGS": "-trimpath",
    "GOPROXY": "off",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
}

# What tests and testees use: compiled once, so that a build takes a third of a second and not thirteen.
_STANDARD = ["encoding/json", "encoding/json/jsontext", "crypto/sha256", "math/big", "net/http", "os/exec", "regexp", "testing"]

_COMPILE = """
set -euo pipefail
export GOROOT=$PWD/{root} HOME=$PWD GOPATH=$PWD/.gopath GOCACHE=$PWD/{cache}
{before}
{command}
"""

def _go_cache_impl(ctx):
    cache = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(
        mnemonic = "GoStandardLibrary",
        progress_message = "Compiling Go's standard library",
        command = _COMPILE.format(
            root = ctx.file._go.path,
            cache = cache.path,
            before = "",
            command = "\"$GOROOT/bin/go\" build " + " ".join(_STANDARD) + " && rm -f \"$GOCACHE/trim.txt\"",
        ),
        env = _ENV,
        inputs = [ctx.file._go],
        outputs = [cache],
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([cache]))]

_GO = {"_go": attr.label(default = "@toolchains//:site-packages/go", allow_single_file = True)}

go_cache = rule(
    implementation = _go_cache_impl,
    doc = "Go's build cache with the standard library in it, as one folder.",
    attrs = _GO,
)

def _compile(ctx, binary, command):
    """Runs go, with the standard library's cache at hand; `$out` is where the binary goes."""
    ctx.actions.run_shell(
        mnemonic = "GoCompile",
        progress_message = "Compiling %{label}",
        command = _COMPILE.format(
            root = ctx.file._go.path,
            cache = ".gocache",
            before = "cp -r %s .gocache && chmod -R u+w .gocache && out=$PWD/%s && cd %s" % (
                ctx.file._cache.path,
                shell(binary.path),
                shell(ctx.label.package),
            ),
            command = command,
        ),
        env = _ENV,
        inputs = ctx.files.srcs + [ctx.file._go, ctx.file._cache],
        outputs = [binary],
        use_default_shell_env = True,
    )

def _go_program_impl(ctx):
    binary = ctx.actions.declare_file(ctx.label.name + ".bin")
    _compile(ctx, binary, "\"$GOROOT/bin/go\" build -o \"$out\" ./" + shell(ctx.attr.main))
    return program(ctx, ["exec \"$runfiles\"/%s \"$@\"" % shell(binary.short_path)], runfiles = [binary])

_go_program = rule(
    implementation = _go_program_impl,
    doc = "A program of a Go module.",
    attrs = PROGRAM_ATTRS | _GO | {
        "main": attr.string(mandatory = True, doc = "Folder of the Go package `main`, below this package."),
        "_cache": attr.label(default = "//tools/langs:go_cache", allow_single_file = True),
    },
    executable = True,
)

def go_program(name, srcs, main, **kwargs):
    """A program of a Go module that needs nothing but the standard library.

    ```starlark
    go_program(
        name = "testee",
        srcs = glob(["**/*.go"]) + ["go.mod"],
        main = "testee",
    )
    ```

    Args:
      name: of the target.
      srcs: every file of the module; go.mod stands in this package.
      main: folder of the Go package `main`.
      **kwargs: what every target has.
    """
    _go_program(name = name, srcs = srcs, main = main, **kwargs)

def _go_test_impl(ctx):
    binary = ctx.actions.declare_file(ctx.label.name + ".test")
    _compile(
        ctx,
        binary,
        "\"$GOROOT/bin/go\" vet ./... && \"$GOROOT/bin/go\" test -c -o \"$out\" ./" + shell(ctx.attr.test),
    )
    return launch(ctx, ["exec %s -test.v" % shell("./" + binary.short_path)], runfiles = [binary])

_go_test = rule(
    implementation = _go_test_impl,
    doc = "Tests of one package of a Go module.",
    attrs = ATTRS | _GO | {
        "test": attr.string(mandatory = True, doc = "Folder of the Go package with the tests, below this package."),
        "_cache": attr.label(default = "//tools/langs:go_cache", allow_single_file = True),
    },
    test = True,
)

def go_test(name, srcs, test, tier = "unit", size = None, tags = [], **kwargs):
    """Tests of a Go module that needs nothing but the standard library; `go vet` belongs to the build.

    ```starlark
    go_test(
        name = "fixtures_test",
        srcs = glob(["**/*.go"]) + ["go.mod"],
        test = "fixtures",
    )
    ```

    Args:
      name: of the target.
      srcs: every file of the module; go.mod stands in this package.
      test: folder of the Go package with the tests.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: `data`, `folders` (folder → environment variable), `consumer`, and what every test has.
    """
    language_test(_go_test, name, tier, size, tags, srcs = srcs, test = test, **kwargs)

def _gofmt_test_impl(ctx):
    files = " ".join([shell(file.short_path) for file in ctx.files.srcs])
    return launch(ctx, [
        "badly=$(\"$runfiles/%s\" -l %s)" % (ctx.file._gofmt.short_path, files),
        "[[ -z $badly ]] || { echo \"not as gofmt writes them: $badly\"; exit 1; }",
    ], runfiles = [ctx.file._gofmt])

_gofmt_test = rule(
    implementation = _gofmt_test_impl,
    doc = "Fails where gofmt would change a file.",
    attrs = ATTRS | {"_gofmt": attr.label(default = "@toolchains//:site-packages/go/bin/gofmt", allow_single_file = True)},
    test = True,
)

def gofmt_test(name, srcs, tier = "unit", size = None, tags = [], **kwargs):
    """Fails where gofmt would change a file.

    Args:
      name: of the target.
      srcs: .go files.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: what every test has.
    """
    language_test(_gofmt_test, name, tier, size, tags, srcs = srcs, **kwargs)
