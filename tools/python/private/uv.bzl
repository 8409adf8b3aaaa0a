"""uv, installed with pip from a lock with hashes: the installer of every other wheel."""

load(":interpreter.bzl", "find_interpreter")

def _uv_impl(rctx):
    python = find_interpreter(rctx)
    rctx.report_progress("installing uv")
    made = rctx.execute([python.path, "-I", "-m", "venv", "venv"], timeout = 300)
    if made.return_code != 0:
        fail("%s cannot make a virtual environment (on Debian: apt install python3-venv): %s" % (
            python.path,
            (made.stderr or made.stdout).strip().split("\n")[-1],
        ))
    installed = rctx.execute(
        ["venv/bin/python", "-m", "pip", "install", "-q", "--require-hashes", "--only-binary=:all:", "-r", rctx.path(rctx.attr.lock)],
        environment = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        timeout = 900,
    )
    if installed.return_code != 0:
        lines = [line for line in installed.stderr.split("\n") if line.startswith("ERROR")]
        fail("pip could not install uv from %s: %s" % (rctx.attr.lock.name, lines[-1] if lines else installed.stderr.strip()))
    rctx.file("BUILD.bazel", 'exports_files(["venv/bin/uv", "venv/bin/python"], visibility = ["//visibility:public"])\n')

uv = repository_rule(
    doc = "`venv/bin/uv`, and beside it `venv/bin/python`, whose pip brings the `packaging` library that install.py reads markers with.",
    implementation = _uv_impl,
    attrs = {"lock": attr.label(mandatory = True, allow_single_file = [".txt"])},
    environ = ["PATH", "SAMEWIRE_PYTHON"],
)
