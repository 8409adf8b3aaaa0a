"""`manifest`: the names of files, as a file."""

def _manifest_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    lines = ctx.actions.args()
    lines.add_all(ctx.files.srcs, map_each = _short_path)
    lines.set_param_file_format("multiline")
    ctx.actions.write(out, lines)
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles(files = ctx.files.srcs + [out]))]

def _short_path(file):
    return file.short_path

manifest = rule(
    implementation = _manifest_impl,
    doc = """A file with the runfiles path of every file in `srcs`, one a line; as `data` it brings those files along.

```starlark
manifest(name = "sources.txt", srcs = ["//:sources"])
```
""",
    attrs = {
        "srcs": attr.label_list(allow_files = True, mandatory = True, doc = "Targets whose files are listed."),
    },
)
