"""The module extension behind //tools/python:extensions.bzl."""

load(":interpreter.bzl", "interpreter", "interpreter_path")
load(":uv.bzl", "uv")

_INTERPRETER = "@samewire_python//:interpreter.txt"

def _wheel_set_impl(rctx):
    interpreter_path(rctx)
    rctx.path(rctx.attr._registry)  # install.py imports it; a change makes the set anew
    tools = rctx.path(rctx.attr.uv).dirname
    lock = rctx.path(rctx.attr.lock)
    arguments = [
        str(tools.get_child("python")),
        "-E",
        "-s",
        "-B",
        str(rctx.path(rctx.attr._install)),
        "--uv",
        str(rctx.path(rctx.attr.uv)),
        "--lock",
        str(lock),
        "--lock-name",
        "/".join([part for part in [rctx.attr.lock.package, rctx.attr.lock.name] if part]),
        "--remote",
        str(Label("//tools/python:remote_files")),
    ]
    if rctx.attr.compile:
        arguments.append("--compile")
    rctx.report_progress("installing the wheels of " + rctx.attr.lock.name)
    done = rctx.execute(arguments, timeout = 1800)
    if done.return_code != 0:
        fail(done.stderr.strip())

_wheel_set = repository_rule(
    doc = "One py_library per distribution of a lock with hashes; see install.py for what is written.",
    implementation = _wheel_set_impl,
    attrs = {
        "compile": attr.bool(default = True),
        "interpreter": attr.label(mandatory = True, allow_single_file = True),
        "lock": attr.label(mandatory = True, allow_single_file = [".txt"]),
        "uv": attr.label(mandatory = True),
        "_install": attr.label(default = "//tools/python/private:install.py"),
        "_registry": attr.label(default = "//tools/python/private:registry.py"),
    },
)

_lock = tag_class(
    doc = "A set of wheels, installed together and apart from every other set.",
    attrs = {
        "compile": attr.bool(default = True, doc = "Precompile bytecode; off for sets that are not imported."),
        "lock": attr.label(mandatory = True, doc = "Universal lock with hashes, as `uv pip compile --universal --generate-hashes` writes it."),
        "name": attr.string(mandatory = True, doc = "Name of the repository: `@NAME//:DISTRIBUTION`."),
    },
)

def _wheels_impl(mctx):
    interpreter(name = "samewire_python")
    uv(name = "samewire_uv", interpreter = _INTERPRETER, lock = "//tools/python:uv.txt")
    owners = {}
    for module in mctx.modules:
        for tag in module.tags.lock:
            if tag.name in owners:
                fail("wheels.lock(name = \"%s\") stands twice, in %s and in %s: give one another name" % (tag.name, owners[tag.name], module.name))
            owners[tag.name] = module.name
            _wheel_set(
                name = tag.name,
                compile = tag.compile,
                interpreter = _INTERPRETER,
                lock = tag.lock,
                uv = "@samewire_uv//:venv/bin/uv",
            )

wheels = module_extension(
    doc = "Locked Python wheels; also the interpreter they are installed for (`@samewire_python`) and uv (`@samewire_uv`).",
    implementation = _wheels_impl,
    tag_classes = {"lock": _lock},
)
