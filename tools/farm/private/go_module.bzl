"""A program of a published Go module: fetched by hash, built by the locked Go."""

_BUILD = """load("{bzl}", "vendored_program")

vendored_program(
    name = "program",
    source = "source",
    visibility = ["//visibility:public"],
)
"""

# The proxy is the user's own; what it delivers is compared with the hash here, and what that needs with the module's go.sum.
_ENV = {
    "CGO_ENABLED": "0",
    "GOENV": "off",
    "GOFLAGS": "-modcacherw",
    "GOSUMDB": "off",
    "GOTELEMETRY": "off",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}

def _run(rctx, arguments, folder = ""):
    # Kept in the user's cache folder, like the wheels, so that another clone needs no network.
    cache = "%s/samewire/go" % (rctx.os.environ.get("XDG_CACHE_HOME") or rctx.os.environ.get("HOME", "/tmp") + "/.cache")
    done = rctx.execute(
        [rctx.path(rctx.attr._go)] + arguments,
        environment = _ENV | {"GOMODCACHE": cache},
        timeout = 900,
        working_directory = folder,
    )
    if done.return_code != 0:
        fail("%s %s: go %s: %s" % (rctx.attr.module, rctx.attr.version, " ".join(arguments), done.stderr.strip()))
    return done.stdout

def _go_module_impl(rctx):
    rctx.report_progress("fetching " + rctx.attr.module)
    found = json.decode(_run(rctx, ["mod", "download", "-json", "%s@%s" % (rctx.attr.module, rctx.attr.version)]))
    if found["Sum"] != rctx.attr.sum:
        fail("%s %s: the module proxy delivers %s, the lock says %s; find out who changed it" % (
            rctx.attr.module,
            rctx.attr.version,
            found["Sum"],
            rctx.attr.sum,
        ))
    rctx.execute(["cp", "-R", found["Dir"], "source"])
    rctx.execute(["chmod", "-R", "u+w", "source"])
    rctx.report_progress("fetching what %s needs" % rctx.attr.module)
    _run(rctx, ["mod", "vendor"], folder = "source")
    for name in ["BUILD", "BUILD.bazel", "WORKSPACE", "MODULE.bazel"]:
        rctx.execute(["find", "source", "-name", name, "-type", "f", "-delete"])
    rctx.file("BUILD.bazel", _BUILD.format(bzl = str(Label("//tools/farm/private:go_module.bzl"))))

go_module = repository_rule(
    doc = "`:program` is the program in the root of a Go module.",
    implementation = _go_module_impl,
    attrs = {
        "module": attr.string(mandatory = True, doc = "Path of the module."),
        "sum": attr.string(mandatory = True, doc = "Its hash as go.sum has it, `h1:…`."),
        "version": attr.string(mandatory = True),
        "_go": attr.label(default = "@toolchains//:site-packages/go/bin/go", allow_single_file = True),
    },
)

# The standard library is compiled here, too: another set of flags than the tests' own cache, and built once.
_COMPILE = """
set -euo pipefail
export GOROOT=$PWD/{root} HOME=$PWD GOPATH=$PWD/.gopath GOCACHE=$PWD/.gocache
out=$PWD/{out}
cd {source}
"$GOROOT/bin/go" build -mod=vendor -o "$out" .
"""

def _vendored_program_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.run_shell(
        mnemonic = "GoModule",
        progress_message = "Compiling %{label}",
        command = _COMPILE.format(out = out.path, root = ctx.file._go.path, source = ctx.file.source.path),
        env = _ENV | {"GOFLAGS": "-trimpath", "GOPROXY": "off"},
        inputs = [ctx.file.source, ctx.file._go],
        outputs = [out],
        use_default_shell_env = True,
    )
    return [DefaultInfo(executable = out, files = depset([out]))]

vendored_program = rule(
    implementation = _vendored_program_impl,
    doc = "Builds the program in the root of a Go module that brings what it needs in vendor/.",
    attrs = {
        "source": attr.label(mandatory = True, allow_single_file = True, doc = "Folder of the module."),
        "_go": attr.label(default = "@toolchains//:site-packages/go", allow_single_file = True),
    },
    executable = True,
)
