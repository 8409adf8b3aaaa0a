"""`testees`: programs that speak the testee protocol, by name, as one file that the runner reads."""

def _testees_impl(ctx):
    programs = {}
    runfiles = ctx.runfiles()
    for target, name in ctx.attr.programs.items():
        if name in programs:
            fail("two testees are called %s" % name)
        executable = target[DefaultInfo].files_to_run.executable
        programs[name] = executable.short_path
        runfiles = runfiles.merge_all([ctx.runfiles([executable]), target[DefaultInfo].default_runfiles])
    file = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(file, json.encode_indent({"testees": [
        {"name": name, "program": path}
        for name, path in sorted(programs.items())
    ]}) + "\n")
    return [DefaultInfo(files = depset([file]), runfiles = runfiles.merge(ctx.runfiles([file])))]

_testees = rule(
    implementation = _testees_impl,
    attrs = {
        "programs": attr.label_keyed_string_dict(
            mandatory = True,
            doc = "Executables, each with the name that its Hello says too.",
        ),
    },
)

def testees(name, programs, visibility = None):
    """Programs that speak the testee protocol.

    ```starlark
    testees(
        name = "testees",
        programs = {"//parity/testees/go:testee": "go"},
    )
    ```

    Each of them alone is a target too, called `go_testee`: what depends on one is not built anew for another.

    Args:
      name: of the target that holds all.
      programs: executables, each with the name that its Hello says too.
      visibility: of all of them.
    """
    _testees(name = name, programs = programs, visibility = visibility)
    for program, testee in programs.items():
        _testees(name = testee + "_testee", programs = {program: testee}, visibility = visibility)
