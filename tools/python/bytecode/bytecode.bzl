"""`bytecode`: our own sources compiled once, not by every test anew."""

load("@rules_python//python:defs.bzl", "PyInfo")
load("@samewire_python//:tag.bzl", "CACHE_TAG")

_BytecodeInfo = provider(
    doc = "Bytecode of a target and of what it needs.",
    fields = {"files": "depset of .pyc files"},
)

def _aspect_impl(target, ctx):
    needed = [dep[_BytecodeInfo].files for dep in getattr(ctx.rule.attr, "deps", []) if _BytecodeInfo in dep]
    if PyInfo not in target or ctx.label.workspace_name:
        return [_BytecodeInfo(files = depset(transitive = needed))]

    # Its own sources: those it lists, else those it writes. Bytecode lies beside its source, so in this package.
    folder = ctx.label.package + "/" if ctx.label.package else ""
    listed = getattr(ctx.rule.files, "srcs", [])
    written = [file for file in target[PyInfo].transitive_sources.to_list() if file.owner == ctx.label] if not listed else []
    own = [file for file in listed + written if file.extension == "py" and file.short_path.startswith(folder)]
    out = []
    lines = []
    for file in own:
        inside = file.short_path.removeprefix(folder).rpartition("/")
        name = inside[0] + inside[1] + "__pycache__/" + inside[2].removesuffix(".py") + "." + CACHE_TAG + ".pyc"
        pyc = ctx.actions.declare_file(name)
        out.append(pyc)
        lines += [file.path, file.short_path, pyc.path]
    if out:
        arguments = ctx.actions.args()
        arguments.add_all(lines)
        arguments.use_param_file("@%s", use_always = True)
        arguments.set_param_file_format("multiline")
        ctx.actions.run(
            executable = ctx.executable._compile,
            arguments = [arguments],
            inputs = own,
            outputs = out,
            mnemonic = "PyCompile",
            progress_message = "Compiling Python of %{label}",
        )
    return [_BytecodeInfo(files = depset(out, transitive = needed))]

_bytecode_aspect = aspect(
    implementation = _aspect_impl,
    attr_aspects = ["deps"],
    attrs = {
        "_compile": attr.label(default = "//tools/python/bytecode:compile", executable = True, cfg = "exec"),
    },
)

def _bytecode_impl(ctx):
    files = depset(transitive = [dep[_BytecodeInfo].files for dep in ctx.attr.deps])
    return [DefaultInfo(files = files, runfiles = ctx.runfiles(transitive_files = files))]

bytecode = rule(
    implementation = _bytecode_impl,
    doc = """Bytecode for the sources of `deps` and of all that they need in this repository; wheels bring their own.

As `data` of a test or binary it stands where Python looks for it, in `__pycache__` beside each source. A source belongs
to one py_library: listed by two, its bytecode would be made twice, which Bazel refuses.
""",
    attrs = {
        "deps": attr.label_list(aspects = [_bytecode_aspect], doc = "py_library targets and the like."),
    },
)
