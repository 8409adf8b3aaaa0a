"""uv, installed with pip from a lock with hashes: the installer of every other wheel."""

load(":interpreter.bzl", "interpreter_path")

# Scripts that name their place, bytecode that does, and what RECORD says of them.
_SETTLE = """
cd venv
find bin -type f -not -name 'uv*' -delete
find . -name __pycache__ -prune -exec rm -rf {} +
sed -i '/^command = /d' pyvenv.cfg
sed -i -E 's#^((\\.\\./)*bin/[^,]*),.*#\\1,,#' lib/*/site-packages/*.dist-info/RECORD
"""

def _uv_impl(rctx):
    python = interpreter_path(rctx)
    rctx.report_progress("installing uv")
    made = rctx.execute([python, "-I", "-m", "venv", "venv"], timeout = 300)
    if made.return_code != 0:
        fail("%s cannot make a virtual environment (on Debian: apt install python3-venv): %s" % (
            python,
            (made.stderr or made.stdout).strip().split("\n")[-1],
        ))

    # The wheel stays in the user's cache folder, so that a machine without a network can set up another clone. Wherever it
    # comes from, its hash is checked.
    cache = "%s/samewire/wheels" % (rctx.os.environ.get("XDG_CACHE_HOME") or rctx.os.environ.get("HOME", "/tmp") + "/.cache")
    pip = ["venv/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check"]
    locked = ["--require-hashes", "--only-binary=:all:", "-r", rctx.path(rctx.attr.lock)]
    install = pip + ["install", "--no-index", "--find-links", cache] + locked
    if rctx.execute(install).return_code != 0:
        fetched = rctx.execute(pip + ["download", "--dest", cache] + locked, timeout = 900)
        installed = rctx.execute(install) if fetched.return_code == 0 else fetched
        if installed.return_code != 0:
            lines = [line for line in installed.stderr.split("\n") if line.startswith("ERROR")]
            fail("%s: pip could not install uv: %s" % (rctx.attr.lock, lines[-1] if lines else installed.stderr.strip()))

    # A test has the folder among its inputs, so nothing in it may depend on where it is: a shared cache would find nothing.
    rctx.execute(["bash", "-c", _SETTLE])
    rctx.file("BUILD.bazel", 'exports_files(["venv", "venv/bin/uv"], visibility = ["//visibility:public"])\n')

uv = repository_rule(
    doc = "`venv/bin/uv`, and beside it `venv/bin/python`, whose pip brings the `packaging` library that install.py reads markers with.",
    implementation = _uv_impl,
    attrs = {
        "interpreter": attr.label(mandatory = True, allow_single_file = True),
        "lock": attr.label(mandatory = True, allow_single_file = [".txt"]),
    },
)
