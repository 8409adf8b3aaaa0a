"""The module extension behind //tools/wire/protoc:extensions.bzl."""

def _proto_files(root):
    """The .proto files under the path `root`, as {"google/protobuf/any.proto": path}."""
    found = {}
    folders = [("", root)]
    for _ in range(10000):  # Starlark has neither recursion nor while
        if not folders:
            return found
        prefix, folder = folders.pop()
        for entry in folder.readdir():
            if entry.basename.endswith(".proto"):
                found[prefix + entry.basename] = entry
            elif entry.is_dir:
                folders.append((prefix + entry.basename + "/", entry))
    fail("more than 10000 folders under %s" % root)

def _imports(text):
    """The files that a .proto imports."""
    found = []
    for line in text.split("\n"):
        line = line.strip()
        if line.startswith("import ") and line.count('"') == 2:
            found.append(line.split('"')[1])
    return found

def _label(file):
    folder, _, name = file.rpartition("/")
    return "//%s:%s_proto" % (folder, name.removesuffix(".proto"))

def _proto_repository_impl(rctx):
    # Folders of wheels are found through the set's BUILD file: a label of a folder cannot be resolved here.
    files = {}
    for build, folders in rctx.attr.wheels.items():
        site = rctx.path(build).dirname.get_child("site-packages")
        for folder in folders.split(" "):
            path, _, prefix = folder.partition("=")
            root = site
            for part in path.split("/"):
                root = root.get_child(part)
            if not root.exists:
                fail("%s: the wheel no longer has the folder %s" % (rctx.name, path))
            for file, source in _proto_files(root).items():
                files[prefix + file] = source
    packages = {}
    for file, source in sorted(files.items()):
        rctx.symlink(source, file)
        deps = [_label(imported) for imported in _imports(rctx.read(source)) if imported in files]
        folder, _, name = file.rpartition("/")
        packages.setdefault(folder, []).append(
            'proto_library(name = "%s_proto", srcs = ["%s"], deps = %s)' % (name.removesuffix(".proto"), name, repr(deps)),
        )
    for folder, rules in packages.items():
        rctx.file(folder + "/BUILD.bazel", "\n".join([
            'package(default_visibility = ["//visibility:public"])',
            'exports_files(glob(["*.proto"]))',
        ] + rules) + "\n")
    rctx.file("BUILD.bazel", "")

_proto_repository = repository_rule(
    doc = "One proto_library per .proto file of some folders of wheels.",
    implementation = _proto_repository_impl,
    attrs = {
        "wheels": attr.label_keyed_string_dict(
            doc = "BUILD file of a wheel set to folders under its site-packages, separated by spaces; FOLDER=PREFIX/ when " +
                  "its files are imported as PREFIX/...",
            mandatory = True,
        ),
    },
)

def _protos_impl(_mctx):
    _proto_repository(
        name = "samewire_protos",
        wheels = {
            "@pypi//:BUILD.bazel": "grpc_tools/_proto google/api=google/api/ google/rpc=google/rpc/ " +
                                   "google/type=google/type/ google/longrunning=google/longrunning/",
        },
    )
    _proto_repository(
        name = "conformance_protos",
        wheels = {"@toolchains//:BUILD.bazel": "protoc/include"},
    )

protos = module_extension(
    doc = "`@samewire_protos` and `@conformance_protos`.",
    implementation = _protos_impl,
)
