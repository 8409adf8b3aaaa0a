"""Toolchains that come from the machine: found once, or a reason why not."""

HostToolsInfo = provider(
    doc = "Programs of this machine.",
    fields = {
        "missing": "why tests that need them are skipped; empty when all is there",
        "paths": "absolute path by name",
        "version": "what they say they are, one line; part of every action that runs them, since a path alone is no cache key",
    },
)

def _host_tools_impl(ctx):
    return [HostToolsInfo(missing = ctx.attr.missing, paths = ctx.attr.paths, version = ctx.attr.version)]

host_tools = rule(
    implementation = _host_tools_impl,
    doc = "What a repository rule has found.",
    attrs = {
        "missing": attr.string(),
        "paths": attr.string_dict(),
        "version": attr.string(),
    },
)

_BUILD = """load("{bzl}", "host_tools")

host_tools(
    name = "tools",
    missing = {missing},
    paths = {paths},
    version = {version},
    visibility = ["//visibility:public"],
)
"""

def write_host_tools(rctx, paths, missing, version, more = ""):
    """Writes the BUILD file of a repository with host_tools(name = "tools").

    Args:
      rctx: the repository context.
      paths: absolute path by name.
      missing: why tests are skipped, or "".
      version: what the programs say they are; its line breaks become spaces.
      more: further text of the BUILD file.
    """
    rctx.file("BUILD.bazel", _BUILD.format(
        bzl = str(Label("//tools/langs/private:host.bzl")),
        missing = repr(missing),
        paths = repr(paths),
        version = repr(" ".join([line.strip() for line in version.split("\n") if line.strip()])),
    ) + more)

def versioned(tools, **env):
    """The environment of an action that runs programs of this machine: another version is another cache key.

    Args:
      tools: HostToolsInfo.
      **env: further variables.

    Returns:
      A dict for `env`.
    """
    return env | {"SAMEWIRE_HOST_TOOLS": tools.version}

def find(rctx, names):
    """Finds programs on PATH.

    Args:
      rctx: the repository context.
      names: what to look for.

    Returns:
      (paths by name, reason): the reason is empty when all are there.
    """
    paths = {}
    for name in names:
        path = rctx.which(name)
        if not path:
            return {}, "%s is not on PATH" % name
        paths[name] = str(path)
    return paths, ""
