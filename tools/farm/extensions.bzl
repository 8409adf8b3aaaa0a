"""Servers of the farm that are no wheels. `@bazel_remote`; fetched when something asks for it."""

load("//tools/farm/private:go_module.bzl", "go_module")

def _servers_impl(_mctx):
    go_module(
        name = "bazel_remote",
        module = "github.com/buchgr/bazel-remote/v2",
        sum = "h1:vTMw3VmzjHfmR9jHcnqzQLLuHXRIFkROOcp5Pjke59c=",
        version = "v2.6.1",
    )

servers = module_extension(
    doc = "Servers of the farm, built from published modules.",
    implementation = _servers_impl,
)
