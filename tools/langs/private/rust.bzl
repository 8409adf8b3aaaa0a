"""`rust_program`, `rust_test` and their repository rule; see //tools:defs.bzl."""

load(":host.bzl", "HostToolsInfo", "find", "versioned", "write_host_tools")
load(":launcher.bzl", "ATTRS", "PROGRAM_ATTRS", "language_test", "launch", "program", "shell", "skip", "skipped_program")

_VENDORED = """
filegroup(
    name = "crates",
    srcs = {vendor},
    visibility = ["//visibility:public"],
)
"""

def _crates_impl(rctx):
    folder = rctx.path(rctx.attr.lock).dirname
    paths, missing = find(rctx, ["cargo", "rustc", "cc"])
    version = ""
    if not missing:
        # rustup's proxies want its settings; the programs that they start do not.
        found = rctx.execute(["rustc", "--print", "sysroot"])
        for name in ["cargo", "rustc", "rustfmt"]:
            real = rctx.path(found.stdout.strip() + "/bin/" + name)
            if found.return_code == 0 and real.exists:
                paths[name] = str(real)
        for command in ([paths["cargo"], "--version"], [paths["rustc"], "--version"], [paths["cc"], "--version"]):
            version += rctx.execute(command).stdout.split("\n")[0] + " "
        missing = _vendor(rctx, folder)
    write_host_tools(rctx, paths, missing, version, _VENDORED.format(vendor = [] if missing else ["vendor", "Cargo.lock"]))

def _vendor(rctx, folder):
    """Fetches the locked crates; the reason where that cannot be done."""
    rctx.report_progress("fetching crates")
    rctx.file("Cargo.toml", rctx.read(folder.get_child("Cargo.toml")))
    rctx.file("src/lib.rs", "")

    # Cargo names the registry in its lock, even behind a mirror; ours has hashes only. Ask cargo for the name.
    asked = rctx.execute(["cargo", "generate-lockfile"], timeout = 300)
    if asked.return_code != 0:
        return "cargo reaches no registry: " + asked.stderr.strip().split("\n")[-1].strip()
    source = [line for line in rctx.read("Cargo.lock").split("\n") if line.startswith("source = ")][0]
    lock = rctx.read(rctx.path(rctx.attr.lock)).replace("\nchecksum = ", "\n%s\nchecksum = " % source)
    rctx.file("Cargo.lock", lock)
    done = rctx.execute(["cargo", "vendor", "--locked", "--versioned-dirs", "vendor"], timeout = 600)
    if done.return_code != 0:
        fail("cargo vendor of %s: %s" % (rctx.attr.lock, done.stderr.strip()))
    rctx.delete("src")
    return ""

crates = repository_rule(
    doc = "Rust of this machine, and the crates of a lock, by hash.",
    implementation = _crates_impl,
    attrs = {"lock": attr.label(mandatory = True, allow_single_file = True, doc = "Cargo.lock without `source`; Cargo.toml stands beside it.")},
    environ = ["PATH"],
)

_COMPILE = """
set -euo pipefail
export HOME=$PWD/.home CARGO_HOME=$PWD/.cargo CARGO_TARGET_DIR=$PWD/.target RUSTC={rustc} CARGO_PROFILE_RELEASE_OPT_LEVEL=1
mkdir -p .cargo
printf '[source.crates-io]\\nreplace-with = "vendored"\\n[source.vendored]\\ndirectory = "%s"\\n' "$PWD/{vendor}" >.cargo/config.toml
out=$PWD/{out}
mkdir .work && cp -rL {package}/. .work && cp -L {lock} .work/Cargo.lock && cd .work
{cargo} {command}
cp "$(find "$CARGO_TARGET_DIR" -path {binary} -type f -perm -u+x)" "$out"
"""

def _compile(ctx, tools, mnemonic, command, binary):
    """Runs cargo without a network; the binary is found by its path, a pattern of find."""
    out = ctx.actions.declare_file(ctx.label.name + ".bin")
    vendor, lock = sorted(ctx.files.vendor, key = lambda file: file.basename != "vendor")
    ctx.actions.run_shell(
        mnemonic = mnemonic,
        progress_message = "Compiling %{label}",
        command = _COMPILE.format(
            binary = shell(binary),
            cargo = shell(tools.paths["cargo"]),
            command = command,
            lock = shell(lock.path),
            out = shell(out.path),
            package = shell(ctx.label.package),
            rustc = shell(tools.paths["rustc"]),
            vendor = vendor.path,
        ),
        env = versioned(tools),
        inputs = ctx.files.srcs + ctx.files.vendor,
        outputs = [out],
        use_default_shell_env = True,
    )
    return out

def _rust_test_impl(ctx):
    tools = ctx.attr.crates[HostToolsInfo]
    if tools.missing:
        return skip(ctx, tools.missing)
    command = "test --quiet --offline --locked --jobs 2 --no-run --test " + shell(ctx.attr.test)
    binary = _compile(ctx, tools, "CargoTest", command, "*/debug/deps/%s-*" % ctx.attr.test)
    return launch(ctx, ["exec " + shell("./" + binary.short_path)], runfiles = [binary])

_RUST = {
    "crates": attr.label(mandatory = True, providers = [HostToolsInfo], doc = "`tools` of a crates repository."),
    "vendor": attr.label(mandatory = True, doc = "Its `crates`."),
}

def _rust_program_impl(ctx):
    tools = ctx.attr.crates[HostToolsInfo]
    if tools.missing:
        return skipped_program(ctx, tools.missing)
    command = "build --quiet --release --offline --locked --jobs 2 --bin " + shell(ctx.attr.binary)
    binary = _compile(ctx, tools, "CargoBuild", command, "*/release/" + ctx.attr.binary)
    return program(ctx, ["exec \"$runfiles\"/%s \"$@\"" % shell(binary.short_path)], runfiles = [binary])

_rust_program = rule(
    implementation = _rust_program_impl,
    doc = "A program of a Cargo package.",
    attrs = PROGRAM_ATTRS | _RUST | {"binary": attr.string(mandatory = True, doc = "As in `cargo build --bin NAME`.")},
    executable = True,
)

def rust_program(name, srcs, crates, binary, **kwargs):
    """A program of a Cargo package, built by the machine's cargo without network; exits with 77 where there is none.

    ```starlark
    rust_program(
        name = "testee",
        srcs = glob(["src/**/*.rs"]) + ["Cargo.toml"],
        binary = "testee",
        crates = "@testee_crates",
    )
    ```

    Args:
      name: of the target.
      srcs: every file of the package; Cargo.toml stands in this one.
      crates: repository of its crates, made by the `languages` extension.
      binary: name of the program, as in `cargo build --bin NAME`.
      **kwargs: what every target has.
    """
    _rust_program(
        name = name,
        srcs = srcs,
        binary = binary,
        crates = crates + "//:tools",
        vendor = crates + "//:crates",
        **kwargs
    )

_rust_test = rule(
    implementation = _rust_test_impl,
    doc = "One integration test of a Cargo package.",
    attrs = ATTRS | _RUST | {"test": attr.string(mandatory = True)},
    test = True,
)

def rust_test(name, srcs, crates, test, tier = "unit", size = None, tags = [], **kwargs):
    """An integration test of a Cargo package, built by the machine's cargo without network; SKIPPED where there is none.

    ```starlark
    rust_test(
        name = "fixtures_test",
        srcs = glob(["**/*.rs"]) + ["Cargo.toml"],
        crates = "@testee_crates",
        test = "fixtures",
    )
    ```

    Args:
      name: of the target.
      srcs: every file of the package; Cargo.toml stands in this one.
      crates: repository of its crates, made by the `languages` extension.
      test: name of the test, as in `cargo test --test NAME`.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: `data`, `folders` (folder → environment variable), `consumer`, and what every test has.
    """
    language_test(
        _rust_test,
        name,
        tier,
        size,
        tags,
        srcs = srcs,
        crates = crates + "//:tools",
        vendor = crates + "//:crates",
        test = test,
        **kwargs
    )

def _rustfmt_test_impl(ctx):
    tools = ctx.attr.crates[HostToolsInfo]
    rustfmt = tools.paths.get("rustfmt")
    if not rustfmt:
        return skip(ctx, tools.missing or "this Rust has no rustfmt")
    files = " ".join([shell(file.short_path) for file in ctx.files.srcs if file.extension == "rs"])
    return launch(ctx, ["# " + tools.version, "exec %s --check --edition 2021 --config-path %s %s" % (shell(rustfmt), shell(ctx.label.package), files)])

_rustfmt_test = rule(
    implementation = _rustfmt_test_impl,
    doc = "Fails where rustfmt would change a file.",
    attrs = ATTRS | {"crates": _RUST["crates"]},
    test = True,
)

def rustfmt_test(name, srcs, crates, tier = "unit", size = None, tags = [], **kwargs):
    """Fails where rustfmt would change a file; SKIPPED where the machine has none.

    Args:
      name: of the target.
      srcs: the package's files, rustfmt.toml too.
      crates: repository of its crates, made by the `languages` extension.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: what every test has.
    """
    language_test(_rustfmt_test, name, tier, size, tags, srcs = srcs, crates = crates + "//:tools", **kwargs)
