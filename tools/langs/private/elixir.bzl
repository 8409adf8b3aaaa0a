"""`mix_program`, `mix_test` and their repository rule; see //tools:defs.bzl."""

load(":host.bzl", "HostToolsInfo", "find", "write_host_tools")
load(":launcher.bzl", "ATTRS", "PROGRAM_ATTRS", "copy", "language_test", "launch", "program", "shell", "skip", "skipped_program")

def _elixir_impl(rctx):
    paths, missing = find(rctx, ["elixir", "mix", "erl"])
    about = ""
    if not missing:
        asked = rctx.execute(
            ["elixir", "-e", "IO.write([System.version(), 32, to_string(Code.ensure_loaded?(JSON)), 32, :erlang.system_info(:system_version)])"],
            environment = {"LC_ALL": "C.UTF-8"},
        )
        version, has_json, erlang = (asked.stdout.strip().split("\n")[-1] + "  ").split(" ", 2)
        about = "Elixir %s, %s" % (version, erlang)
        if asked.return_code != 0:
            missing = "elixir does not run: " + asked.stderr.strip().split("\n")[0]
        elif has_json != "true":
            missing = "Elixir %s has no JSON in its standard library; needs 1.18 on OTP 27 or newer" % version
    write_host_tools(rctx, paths, missing, about)

elixir = repository_rule(
    doc = "Elixir of this machine.",
    implementation = _elixir_impl,
    environ = ["PATH"],
)

_ELIXIR = {"_elixir": attr.label(default = "@samewire_elixir//:tools", providers = [HostToolsInfo])}

def _path(tools):
    """Bash that puts the folders of Elixir's programs first; the version makes another one another cache key."""
    folders = {path.rpartition("/")[0]: None for path in tools.paths.values()}.keys()
    return "export PATH=%s:$PATH # %s" % (shell(":".join(folders)), tools.version)

# Mix writes below HOME and below the project, so it gets copies. Consolidated protocols are found before the ones of Elixir.
_COMPILE = """
set -euo pipefail
{path}
export HOME=$PWD/.home MIX_ENV=prod LC_ALL=C.UTF-8
mkdir .home && cp -RL {package} .mix && chmod -R u+w .mix
(cd .mix && mix compile --no-deps-check >&2)
cp -R .mix/_build/prod/lib/*/ebin {folder}/ebin
cp -R .mix/_build/prod/lib/*/consolidated {folder}/consolidated
"""

def _mix_program_impl(ctx):
    tools = ctx.attr._elixir[HostToolsInfo]
    if tools.missing:
        return skipped_program(ctx, tools.missing)
    folder = ctx.actions.declare_directory(ctx.label.name + ".beam")
    ctx.actions.run_shell(
        mnemonic = "MixCompile",
        progress_message = "Compiling %{label}",
        command = _COMPILE.format(path = _path(tools), package = shell(ctx.label.package), folder = shell(folder.path)),
        inputs = ctx.files.srcs,
        outputs = [folder],
        use_default_shell_env = True,
    )
    beam = "\"$runfiles\"/" + shell(folder.short_path)
    return program(ctx, [
        _path(tools),
        # Stdin and stdout are the program's own: no shell of Erlang reads them. A scheduler without work sleeps.
        "exec elixir --erl '-noinput +sbwt none +sbwtdcpu none +sbwtdio none' -pa %s/ebin -pa %s/consolidated -e %s -- \"$@\"" % (
            beam,
            beam,
            shell(ctx.attr.main + ".main(System.argv())"),
        ),
    ], runfiles = [folder])

_mix_program = rule(
    implementation = _mix_program_impl,
    doc = "A program of a mix project, compiled when it is built.",
    attrs = PROGRAM_ATTRS | _ELIXIR | {"main": attr.string(mandatory = True, doc = "Module with main/1.")},
    executable = True,
)

def mix_program(name, srcs, main, **kwargs):
    """A program of a mix project without dependencies; exits with 77 where the machine has no Elixir 1.18 or newer.

    ```starlark
    mix_program(
        name = "testee",
        srcs = glob(["lib/**"]) + ["mix.exs"],
        main = "Tinkex.Testee",
    )
    ```

    Args:
      name: of the target.
      srcs: every file of the project; mix.exs stands in this package.
      main: module whose `main/1` gets the arguments.
      **kwargs: what every target has.
    """
    _mix_program(name = name, srcs = srcs, main = main, **kwargs)

def _mix_test_impl(ctx):
    tools = ctx.attr._elixir[HostToolsInfo]
    if tools.missing:
        return skip(ctx, tools.missing)
    return launch(ctx, copy(ctx, "\"$TEST_TMPDIR\"/mix") + [
        _path(tools),
        "export MIX_ENV=test",
        "cd \"$TEST_TMPDIR\"/mix",
    ] + ctx.attr.commands)

_mix_test = rule(
    implementation = _mix_test_impl,
    doc = "Tasks of mix in a copy of a project.",
    attrs = ATTRS | _ELIXIR | {"commands": attr.string_list(mandatory = True)},
    test = True,
)

def mix_test(name, srcs, tests = [], tier = "unit", size = None, tags = [], **kwargs):
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
      tests: files and folders with the tests that run; all where none is named.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: `data`, `folders` (folder → environment variable), `consumer`, and what every test has.
    """
    command = " ".join(["exec mix test"] + [shell(test) for test in tests])
    language_test(_mix_test, name, tier, size, tags, srcs = srcs, commands = [command], **kwargs)

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
        srcs = srcs,
        commands = ["exec mix format --check-formatted"],
        **kwargs
    )
