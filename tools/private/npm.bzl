"""The repository rule behind //tools/lint:extensions.bzl."""

_BUILD = """
exports_files(glob(["node_modules/**"], allow_empty = True) + ["missing.txt"], visibility = ["//visibility:public"])

filegroup(
    name = "modules",
    srcs = glob(["node_modules/**"], allow_empty = True) + ["missing.txt"],
    visibility = ["//visibility:public"],
)
"""

# What npm says where the machine, and not the lock, is the reason.
_UNREACHABLE = ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "E403", "E404"]

def _npm_impl(rctx):
    for name in ["package.json", "package-lock.json"]:
        rctx.symlink(rctx.path(rctx.attr.lock).dirname.get_child(name), name)
    rctx.report_progress("installing npm packages")
    done = rctx.execute(
        [rctx.path(rctx.attr.node), rctx.path(rctx.attr.npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        environment = {"npm_config_cache": str(rctx.path(".npm"))},
        timeout = 600,
    )
    rctx.delete(".npm")
    why = ""
    if done.return_code != 0:
        why = " ".join([line.strip() for line in done.stderr.split("\n") if " error " in line][:4])
        if not [sign for sign in _UNREACHABLE if sign in done.stderr]:
            fail("npm ci of %s: %s" % (rctx.attr.lock, why or done.stderr.strip()))
    rctx.file("missing.txt", why)
    rctx.file("BUILD.bazel", _BUILD)

npm = repository_rule(
    doc = """npm packages as package-lock.json names them, by hash, without running their scripts.

`node_modules/` holds them. Where no npm registry can be reached it is empty, and `missing.txt` says why.
""",
    implementation = _npm_impl,
    attrs = {
        "lock": attr.label(mandatory = True, allow_single_file = True, doc = "package-lock.json; package.json stands beside it."),
        "node": attr.label(mandatory = True, allow_single_file = True, doc = "Node."),
        "npm": attr.label(mandatory = True, allow_single_file = True, doc = "npm's npm-cli.js."),
    },
)
