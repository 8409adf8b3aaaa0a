"""`pb2_library`, see //tools:defs.bzl: protoc's own Python classes, for protocols that others define.

Our own definitions are models (`wire_library`). A protocol of somebody else's is read as it is: fast, and with unknown
fields kept.
"""

load("@rules_python//python:py_info.bzl", "PyInfo")

def _pb2_library_impl(ctx):
    info = ctx.attr.proto[ProtoInfo]
    out = ctx.actions.declare_directory(ctx.label.name + ".pb2")
    arguments = ctx.actions.args()
    arguments.add_all([out], format_each = "--python_out=%s", expand_directories = False)
    arguments.add_all([out], format_each = "--pyi_out=%s", expand_directories = False)
    arguments.add_all(info.transitive_proto_path, format_each = "-I%s")
    arguments.add_all(info.direct_sources)
    ctx.actions.run(
        mnemonic = "Pb2",
        progress_message = "Generating classes of %{label}",
        executable = ctx.executable._protoc,
        arguments = [arguments],
        inputs = info.transitive_sources,
        outputs = [out],
    )
    path = out.short_path
    root = path.removeprefix("../") if path.startswith("../") else ctx.workspace_name + "/" + path
    runtime = ctx.attr._runtime
    return [
        DefaultInfo(
            files = depset([out]),
            runfiles = ctx.runfiles([out]).merge(runtime[DefaultInfo].default_runfiles),
        ),
        PyInfo(
            imports = depset([root], transitive = [runtime[PyInfo].imports]),
            transitive_sources = depset([out], transitive = [runtime[PyInfo].transitive_sources]),
        ),
    ]

pb2_library = rule(
    implementation = _pb2_library_impl,
    doc = """Python classes of the sources of one proto_library, as protoc writes them, with their types (.pyi).

```starlark
load("//tools:defs.bzl", "pb2_library")

pb2_library(
    name = "bazel_pb2",
    proto = ":bazel_proto",
)
```

It stands among the `deps` of py_library and its kin: `from bazel import build_event_stream_pb2`. Well-known types come
with the runtime; other dependencies need a pb2_library of their own.
""",
    attrs = {
        "proto": attr.label(
            doc = "A proto_library; its import path is the path of the modules.",
            mandatory = True,
            providers = [ProtoInfo],
        ),
        "_protoc": attr.label(default = "//tools/wire/protoc", executable = True, cfg = "exec"),
        "_runtime": attr.label(default = "@pypi//:protobuf", providers = [PyInfo]),
    },
    provides = [PyInfo],
)
