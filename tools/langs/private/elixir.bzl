"""`mix_test` and its repository rule; see //tools:defs.bzl."""

load(":host.bzl", "HostToolsInfo", "find", "write_host_tools")
load(":launcher.bzl", "ATTRS", "copy", "language_test", "launch", "shell", "skip")

def _elixir_impl(rctx):
    paths, missing = find(rctx, ["elixir", "mix", "erl"])
    if not missing:
        asked = rctx.execute(
            ["elixir", "-e", "IO.write([System.version(), 32, to_string(Code.ensure_loaded?(JSON))])"],
            environment = {"LC_ALL": "C.UTF-8"},
        )
        version, _, has_json = asked.stdout.strip().split("\n")[-1].partition(" ")
        if asked.return_code != 0:
            missing = "elixir does not run: " + asked.stderr.strip().split("\n")[0]
        elif has_json != "true":
            missing = "Elixir %s has no JSON in its standard library; needs 1.18 on OTP 27 or newer" % version
    write_host_tools(rctx, paths, missing)

elixir = repository_rule(
    doc = "Elixir of this machine.",
    implementation = _elixir_impl,
    environ = ["PATH"],
)

_ELIXIR = {"_elixir": attr.label(default = "@samewire_elixir//:tools", providers = [HostToolsInfo])}

def _mix_test_impl(ctx):
    tools = ctx.attr._elixir[HostToolsInfo]
    if tools.missing:
        return skip(ctx, tools.missing)
    path = {path.rpartition("/")[0]: None for path in tools.paths.values()}.keys()
    return launch(ctx, copy(ctx, "\"$TEST_TMPDIR\"/mix") + [
        "export PATH=%s:$PATH MIX_ENV=test" % shell(":".join(path)),
        "cd \"$TEST_TMPDIR\"/mix",
    ] + ctx.attr.commands)

_mix_test = rule(
    implementation = _mix_test_impl,
    doc = "Tasks of mix in a copy of a project.",
    attrs = ATTRS | _ELIXIR | {"commands": attr.string_list(mandatory = True)},
    test = True,
)

def mix_test(name, srcs, tier = "unit", size = None, tags = [], **kwargs):
    """The ExUnit tests of a mix project without dependencies; SKIPPED where the machine has no Elixir 1.18 or newer.

    ```starlark
    mix_test(
        name = "fixtures_test",
        srcs = glob(["lib/**", "test/**"]) + ["mix.exs"],
    )
    ```

    Args:
      name: of the target.
      srcs: every file of the project; mix.exs stands in this package.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: `data`, `folders` (folder → environment variable), `consumer`, and what every test has.
    """
    language_test(_mix_test, name, tier, size, tags, host = True, srcs = srcs, commands = ["exec mix test"], **kwargs)

def mix_format_test(name, srcs, tier = "unit", size = None, tags = [], **kwargs):
    """Fails where `mix format` would change a file; SKIPPED like `mix_test`.

    Args:
      name: of the target.
      srcs: every file of the project, .formatter.exs too.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: what every test has.
    """
    language_test(
        _mix_test,
        name,
        tier,
        size,
        tags,
        host = True,
        srcs = srcs,
        commands = ["exec mix format --check-formatted"],
        **kwargs
    )
