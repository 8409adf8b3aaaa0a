"""The one Python interpreter: found once, used to install wheels and to run everything."""

_BUILD = '''
load("@rules_python//python:defs.bzl", "py_runtime", "py_runtime_pair")

package(default_visibility = ["//visibility:public"])

py_runtime(
    name = "runtime",
    interpreter_path = "{path}",
    python_version = "PY3",
    # A path is no cache key: another Python in the same place makes other programs.
    stub_shebang = "#!{path}\\n# {about}",
)

py_runtime_pair(
    name = "pair",
    py3_runtime = ":runtime",
)

toolchain(
    name = "toolchain",
    toolchain = ":pair",
    toolchain_type = "@bazel_tools//tools/python:toolchain_type",
)
'''

# Runs on any Python 3, so that one that is too old can say so.
_ASK = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2]); print(' '.join(sys.version.split()))"

def _find_interpreter(rctx):
    """Finds the interpreter.

    Args:
      rctx: the repository context.

    Returns:
      struct(path, version, about): its absolute path, "major.minor", and what it says it is; fails with one line when there
      is none.
    """
    wanted = rctx.os.environ.get("SAMEWIRE_PYTHON", "")
    names = [wanted] if wanted else ["python3", "python3.14", "python3.13", "python3.12", "python3.11"]
    seen = []
    for name in names:
        path = name if name.startswith("/") else rctx.which(name)
        if not path:
            continue
        asked = rctx.execute([path, "-I", "-S", "-c", _ASK])
        if asked.return_code != 0:
            seen.append("%s does not run" % path)
            continue
        executable, version, about = asked.stdout.split("\n")[:3]
        major, minor = [int(part) for part in version.split(".")]
        if (major, minor) < (3, 11):
            seen.append("%s is %s" % (path, version))
            continue
        return struct(about = about, path = executable, version = version)
    fail("Python 3.11 or newer is needed; %s. Install one, or name it: SAMEWIRE_PYTHON=/path/to/python3" % (
        ", ".join(seen) if seen else "found none of: " + ", ".join(names)
    ))

def _interpreter_impl(rctx):
    found = _find_interpreter(rctx)

    # Another Python in the same place (an upgrade of the machine) is another interpreter.
    rctx.watch(found.path)
    rctx.file("interpreter.txt", "%s\n%s\n" % (found.path, found.version))
    rctx.file("BUILD.bazel", _BUILD.format(about = found.about, path = found.path))

    # Names bytecode: __pycache__/NAME.TAG.pyc.
    rctx.file("tag.bzl", "CACHE_TAG = \"cpython-%s\"\n" % found.version.replace(".", ""))

interpreter = repository_rule(
    doc = "`:toolchain` is the Python toolchain of the machine's own interpreter (3.11 or newer); `interpreter.txt` names it.",
    implementation = _interpreter_impl,
    # Not PATH: a shell with another PATH would install every wheel again.
    environ = ["SAMEWIRE_PYTHON"],
)

def interpreter_path(rctx):
    """The interpreter that `@samewire_python` found; who asks is made anew when that changes.

    Args:
      rctx: context of a repository rule with the attribute `interpreter`, the label of `interpreter.txt`.

    Returns:
      Its absolute path.
    """
    return rctx.read(rctx.attr.interpreter).split("\n")[0]
