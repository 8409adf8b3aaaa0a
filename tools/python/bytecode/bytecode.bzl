"""`bytecode`: our own sources compiled once, not by every test anew."""

load("@rules_python//python:defs.bzl", "PyInfo")
load("@samewire_python//:tag.bzl", "CACHE_TAG")

_BytecodeInfo = provider(
    doc = "Bytecode of a target and of what it needs.",
    fields = {"entries": "depset of struct(place, file): a .pyc file, and where Python looks for it, from the runfiles root"},
)

def _aspect_impl(target, ctx):
    needed = [dep[_BytecodeInfo].entries for dep in getattr(ctx.rule.attr, "deps", []) if _BytecodeInfo in dep]
    if PyInfo not in target or ctx.label.workspace_name:
        return [_BytecodeInfo(entries = depset(transitive = needed))]

    entries = []
    lines = []
    own = [file for file in getattr(ctx.rule.files, "srcs", []) if file.extension == "py" and not file.short_path.startswith("../")]
    for file in own:
        folder, slash, name = file.short_path.rpartition("/")
        place = "%s%s__pycache__/%s.%s.pyc" % (folder, slash, name.removesuffix(".py"), CACHE_TAG)

        # A folder for each target: two may list one source. `place` is made where the bytecode is used.
        pyc = ctx.actions.declare_file("_bytecode/%s/%s" % (ctx.label.name, place))
        entries.append(struct(place = place, file = pyc))
        lines += [file.path, file.short_path, pyc.path]
    if entries:
        arguments = ctx.actions.args()
        arguments.add_all(lines)
        arguments.use_param_file("@%s", use_always = True)
        arguments.set_param_file_format("multiline")
        ctx.actions.run(
            executable = ctx.executable._compile,
            arguments = [arguments],
            inputs = own,
            outputs = [entry.file for entry in entries],
            mnemonic = "PyCompile",
            progress_message = "Compiling Python of %{label}",
        )
    return [_BytecodeInfo(entries = depset(entries, transitive = needed))]

_bytecode_aspect = aspect(
    implementation = _aspect_impl,
    attr_aspects = ["deps"],
    attrs = {
        "_compile": attr.label(default = "//tools/python/bytecode:compile", executable = True, cfg = "exec"),
    },
)

def _bytecode_impl(ctx):
    entries = depset(transitive = [dep[_BytecodeInfo].entries for dep in ctx.attr.deps]).to_list()

    # In no place but that one: as `files` they would stand in the runfiles twice.
    return [DefaultInfo(
        files = depset(),
        runfiles = ctx.runfiles(symlinks = {entry.place: entry.file for entry in entries}),
    )]

bytecode = rule(
    implementation = _bytecode_impl,
    doc = """Bytecode for the sources of `deps` and of all that they need in this repository; wheels bring their own.

As `data` of a test or binary it stands where Python looks for it, in `__pycache__` beside each source.
""",
    attrs = {
        "deps": attr.label_list(aspects = [_bytecode_aspect], doc = "py_library targets and the like."),
    },
)
