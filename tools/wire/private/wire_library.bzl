"""`wire_library`; see //tools:defs.bzl."""

load("@rules_python//python:py_info.bzl", "PyInfo")

ModelsInfo = provider(
    doc = "The generated modules of a proto_library and of all that it depends on.",
    fields = {
        "folders": "depset of directories, one for each proto_library",
    },
)

# The runtime has these types itself, or they exist only for options: there is nothing to generate.
_BUILT_IN = ["google/protobuf/%s.proto" % name for name in [
    "any",
    "descriptor",
    "duration",
    "empty",
    "field_mask",
    "struct",
    "timestamp",
    "wrappers",
]] + [
    "google/api/annotations.proto",
    "google/api/http.proto",
    "wire/v1/wire.proto",
]

_TOOLS = {
    "_plugin": attr.label(default = "//tools/wire:plugin", executable = True, cfg = "exec"),
    "_protoc": attr.label(default = "//tools/wire/protoc", executable = True, cfg = "exec"),
}

def _import_path(info, source):
    """The name by which other files import a source of a proto_library."""
    return source.path.removeprefix(info.proto_source_root + "/")

def _generate(ctx, infos, emitter, name):
    """Runs protoc with the plugin over the direct sources of some proto_library targets; returns the folder."""
    out = ctx.actions.declare_directory(name)
    arguments = ctx.actions.args()
    arguments.use_param_file("@%s", use_always = False)
    arguments.set_param_file_format("multiline")
    arguments.add(ctx.executable._plugin, format = "--plugin=protoc-gen-samewire=%s")
    arguments.add_all([out], format_each = "--samewire_out=emit=%s:%%s" % emitter, expand_directories = False)
    arguments.add_all(
        depset(transitive = [info.transitive_proto_path for info in infos]),
        format_each = "-I%s",
        uniquify = True,
    )
    for info in infos:
        arguments.add_all(info.direct_sources)
    ctx.actions.run(
        mnemonic = "SamewireGenerate",
        progress_message = "Generating %s of %%{label}" % emitter,
        executable = ctx.executable._protoc,
        tools = [ctx.attr._plugin[DefaultInfo].files_to_run],
        arguments = [arguments],
        inputs = depset(transitive = [info.transitive_sources for info in infos]),
        outputs = [out],
    )
    return out

def _models_impl(target, ctx):
    info = target[ProtoInfo]
    wanted = [source for source in info.direct_sources if _import_path(info, source) not in _BUILT_IN]
    own = [_generate(ctx, [info], "models", target.label.name + ".models")] if wanted else []
    return [ModelsInfo(folders = depset(
        own,
        transitive = [dep[ModelsInfo].folders for dep in getattr(ctx.rule.attr, "deps", []) if ModelsInfo in dep],
    ))]

_models = aspect(
    implementation = _models_impl,
    doc = "One action for each proto_library, shared by all who use it.",
    attr_aspects = ["deps"],
    attrs = _TOOLS,
    provides = [ModelsInfo],
    required_providers = [ProtoInfo],
)

def _import_root(ctx, folder):
    """Where a folder stands below the runfiles."""
    path = folder.short_path
    return path.removeprefix("../") if path.startswith("../") else ctx.workspace_name + "/" + path

def _wire_library_impl(ctx):
    infos = [proto[ProtoInfo] for proto in ctx.attr.protos]
    groups = {
        emitter: depset([_generate(ctx, infos, emitter, "%s.%s" % (ctx.label.name, emitter))])
        for emitter in ["bulk", "ir", "openapi", "routes", "schema", "strategies"]
    }
    models = depset(transitive = [proto[ModelsInfo].folders for proto in ctx.attr.protos])
    python = depset(transitive = [models] + [groups[emitter] for emitter in ctx.attr.emit])
    runtime = [dep[PyInfo] for dep in ctx.attr._runtime + ctx.attr.deps]
    return [
        DefaultInfo(
            files = models,
            runfiles = ctx.runfiles(transitive_files = python).merge_all([
                dep[DefaultInfo].default_runfiles
                for dep in ctx.attr._runtime + ctx.attr.deps
            ]),
        ),
        PyInfo(
            imports = depset(
                [_import_root(ctx, folder) for folder in python.to_list()],
                transitive = [info.imports for info in runtime],
            ),
            transitive_sources = depset(transitive = [python] + [info.transitive_sources for info in runtime]),
        ),
        OutputGroupInfo(models = models, **groups),
    ]

wire_library = rule(
    implementation = _wire_library_impl,
    doc = """Typed Python models of proto_library targets, and what else the generator makes of them.

```starlark
load("//tools:defs.bzl", "wire_library")

proto_library(
    name = "training_proto",
    srcs = ["training.proto"],
    deps = ["@samewire//proto/wire/v1:wire_proto"],
)

wire_library(
    name = "training_wire",
    protos = [":training_proto"],
)
```

It stands among the `deps` of py_library and its kin: `from tinker.v1.training_wire import SampleRequest`. What the
proto_library targets depend on is generated too, once for all who use it. Everything else is an output group, built only
when asked for (`bazel build :training_wire --output_groups=schema`, or a filegroup with `output_group`):

| group | what |
|---|---|
| `models` | the Python modules; also the default output |
| `schema` | JSON Schema (draft 2020-12), one bundle per package and dialect |
| `routes` | routes.json per package with services, see samewire/v1/routes.proto |
| `openapi` | OpenAPI 3.1, one description per dialect of a package with routes |
| `ir` | the intermediate representation as JSON, for generators in other languages |
| `strategies` | hypothesis strategies |
| `bulk` | a fast seeded generator of messages |
""",
    attrs = {
        "deps": attr.label_list(providers = [PyInfo], doc = "Python libraries that the modules of `emit` need."),
        "emit": attr.string_list(doc = "Further modules to be importable: \"strategies\", \"bulk\"."),
        "protos": attr.label_list(
            aspects = [_models],
            doc = "proto_library targets of any repository.",
            mandatory = True,
            providers = [ProtoInfo],
        ),
        "_runtime": attr.label_list(default = ["//tools/wire/runtime:samewire_wire"], providers = [PyInfo]),
    } | _TOOLS,
    provides = [PyInfo],
)
