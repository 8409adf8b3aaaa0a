"""`java_program`, `java_main_test` and their repository rule; see //tools:defs.bzl."""

load(":host.bzl", "HostToolsInfo", "find", "versioned", "write_host_tools")
load(":launcher.bzl", "ATTRS", "PROGRAM_ATTRS", "language_test", "launch", "program", "shell", "skip", "skipped_program")

_JARS = """
filegroup(
    name = "jars",
    srcs = {jars},
    visibility = ["//visibility:public"],
)
"""

def _jars_impl(rctx):
    paths, missing = find(rctx, ["java", "javac"])
    version = ""
    if not missing:
        said = rctx.execute([paths["java"], "-version"])
        version = said.stdout + said.stderr
        missing = _too_old(rctx, paths["javac"])
    if not missing:
        missing = _fetch(rctx)
    write_host_tools(rctx, paths, missing, version, _JARS.format(jars = [] if missing else [_file(name) for name in rctx.attr.artifacts]))

def _too_old(rctx, javac):
    """Why this JDK will not do, or ""."""
    said = rctx.execute([javac, "-version"])
    version = (said.stdout + said.stderr).strip().removeprefix("javac ")
    major = version.split(".")[0].split("-")[0]
    if not major.isdigit() or int(major) < 17:
        return "javac is %s, needs 17 or newer" % version
    return ""

def _file(artifact):
    _, name, version = artifact.split(":")
    return "%s-%s.jar" % (name, version)

def _fetch(rctx):
    """Fetches the artifacts through the user's own Maven; the reason where that cannot be done."""
    if not rctx.which("mvn"):
        return "mvn is not on PATH"
    for artifact, sha256 in rctx.attr.artifacts.items():
        rctx.report_progress("fetching " + artifact)
        done = rctx.execute(
            ["mvn", "--batch-mode", "--quiet", "dependency:copy", "-Dartifact=" + artifact, "-DoutputDirectory=" + str(rctx.path("."))],
            timeout = 300,
        )
        if done.return_code != 0:
            return "mvn reaches no repository: " + (done.stdout + done.stderr).strip().split("\n")[0]
        file = _file(artifact)
        sums = rctx.execute(["sha256sum", file])
        if sums.return_code != 0 or sums.stdout.split(" ")[0] != sha256:
            fail("%s: SHA-256 is %s, expected %s" % (artifact, sums.stdout.split(" ")[0] or sums.stderr, sha256))
    return ""

jars = repository_rule(
    doc = "Java of this machine, and artifacts from Maven, by hash.",
    implementation = _jars_impl,
    attrs = {"artifacts": attr.string_dict(mandatory = True, doc = "SHA-256 by group:name:version.")},
    environ = ["PATH", "JAVA_HOME"],
)

_JAVA = {
    "classpath": attr.label(mandatory = True, doc = "`jars` of a jars repository."),
    "jars": attr.label(mandatory = True, providers = [HostToolsInfo], doc = "Its `tools`."),
    "main": attr.string(mandatory = True, doc = "The class with `main`."),
}

def _compile(ctx, tools):
    """Compiles `srcs`; the folder of their classes."""
    classes = ctx.actions.declare_directory(ctx.label.name + "_classes")
    sources = [file for file in ctx.files.srcs if file.extension == "java"]
    arguments = ctx.actions.args()
    arguments.add_all(["-Xlint:all", "-Werror", "-encoding", "UTF-8", "-proc:none", "--release", "17", "-d", classes.path])
    arguments.add_joined("-classpath", ctx.files.classpath, join_with = ":")
    arguments.add_all(sources)
    ctx.actions.run_shell(
        mnemonic = "Javac",
        progress_message = "Compiling %{label}",
        command = "exec %s \"$@\"" % shell(tools.paths["javac"]),
        arguments = [arguments],
        env = versioned(tools),
        inputs = sources + ctx.files.classpath,
        outputs = [classes],
        use_default_shell_env = True,
    )
    return classes

def _run(ctx, tools, classes, options):
    """The lines of bash that become the JVM; the version makes another one another cache key."""
    classpath = ":".join(["$runfiles/" + file.short_path for file in [classes] + ctx.files.classpath])
    return [
        "# " + tools.version,
        "exec %s %s -classpath \"%s\" %s \"$@\"" % (shell(tools.paths["java"]), options, classpath, shell(ctx.attr.main)),
    ]

def _java_program_impl(ctx):
    tools = ctx.attr.jars[HostToolsInfo]
    if tools.missing:
        return skipped_program(ctx, tools.missing)
    classes = _compile(ctx, tools)

    # Programs here are short-lived and many: a JVM that starts fast is worth more than one that is fast in the end.
    options = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto"
    return program(ctx, _run(ctx, tools, classes, options), runfiles = [classes] + ctx.files.classpath)

_java_program = rule(
    implementation = _java_program_impl,
    doc = "A Java program, compiled when it is built.",
    attrs = PROGRAM_ATTRS | _JAVA,
    executable = True,
)

def java_program(name, srcs, jars, main, **kwargs):
    """A Java program, compiled by the machine's JDK; exits with 77 where there is none.

    ```starlark
    java_program(
        name = "testee",
        srcs = glob(["src/main/**/*.java"]),
        jars = "@testee_jars",
        main = "testee.Main",
    )
    ```

    Args:
      name: of the target.
      srcs: .java files.
      jars: repository of its jars, made by the `languages` extension.
      main: the class with `main`.
      **kwargs: what every target has.
    """
    _java_program(
        name = name,
        srcs = srcs,
        classpath = jars + "//:jars",
        jars = jars + "//:tools",
        main = main,
        **kwargs
    )

def _java_main_test_impl(ctx):
    tools = ctx.attr.jars[HostToolsInfo]
    if tools.missing:
        return skip(ctx, tools.missing)
    classes = _compile(ctx, tools)
    lines = _run(ctx, tools, classes, "-Djava.io.tmpdir=\"$TEST_TMPDIR\"")
    return launch(ctx, lines, runfiles = [classes] + ctx.files.classpath)

_java_main_test = rule(
    implementation = _java_main_test_impl,
    doc = "A Java program that is a test.",
    attrs = ATTRS | _JAVA,
    test = True,
)

def java_main_test(name, srcs, jars, main, tier = "unit", size = None, tags = [], **kwargs):
    """A Java program as a test: exit 0 is good. Compiled by the machine's JDK; SKIPPED where there is none.

    ```starlark
    java_main_test(
        name = "fixtures_test",
        srcs = glob(["src/**/*.java"]),
        jars = "@testee_jars",
        main = "tinker.FixturesTest",
    )
    ```

    Args:
      name: of the target.
      srcs: .java files.
      jars: repository of its jars, made by the `languages` extension.
      main: the class with `main`.
      tier: see `pytest_test`.
      size: Bazel's test size; by default the tier's.
      tags: further tags.
      **kwargs: `data`, `folders` (folder → environment variable), `consumer`, and what every test has.
    """
    language_test(
        _java_main_test,
        name,
        tier,
        size,
        tags,
        srcs = srcs,
        classpath = jars + "//:jars",
        jars = jars + "//:tools",
        main = main,
        **kwargs
    )
