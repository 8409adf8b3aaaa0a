"""What a test of another language runs: a bash script, or a skip that says why."""

load("//tools/private:tiers.bzl", "tier_attributes")

# Attributes of every rule here.
ATTRS = {
    "consumer": attr.string(doc = "Name in verdicts.jsonl, where the test reads the golden fixtures."),
    "data": attr.label_list(allow_files = True, doc = "Files that the test reads."),
    "folders": attr.label_keyed_string_dict(
        allow_files = True,
        doc = "Folders that the test reads, each with the environment variable that holds its path.",
    ),
    "srcs": attr.label_list(allow_files = True, mandatory = True, doc = "Every file of the package, in its usual layout."),
}

# Attributes of every rule for a program.
PROGRAM_ATTRS = {
    "srcs": attr.label_list(allow_files = True, mandatory = True, doc = "Every file of the package, in its usual layout."),
}

_HEAD = """#!/usr/bin/env bash
set -euo pipefail
runfiles=$PWD
export HOME=$TEST_TMPDIR TMPDIR=$TEST_TMPDIR LC_ALL=C.UTF-8
"""

# The reason may hold anything; in XML it stands escaped.
_SKIP = """
echo "SKIPPED: $reason"
xml=$(sed 's/&/\\&amp;/g; s/</\\&lt;/g; s/"/\\&quot;/g' <<<"$reason")
printf '<testsuites><testsuite name="%s" tests="1" skipped="1"><testcase name="%s" classname="%s"><skipped message="%s"/></testcase></testsuite></testsuites>\\n' \\
  {package} {name} {package} "$xml" >"$XML_OUTPUT_FILE"
exit 0
"""

def launch(ctx, lines, runfiles = []):
    """The providers of a test that runs some lines of bash.

    Args:
      ctx: the context of a rule with ATTRS.
      lines: bash; `$runfiles` is the folder to which short paths are relative. The working folder is that, too.
      runfiles: further files that the lines use.

    Returns:
      The providers of a test rule.
    """
    exports = [
        "export %s=\"$runfiles/%s\"" % (name, _one(label).short_path)
        for label, name in ctx.attr.folders.items()
    ]
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(script, _HEAD + "\n".join(exports + lines) + "\n", is_executable = True)
    files = runfiles + ctx.files.srcs + ctx.files.data + [_one(label) for label in ctx.attr.folders]
    return [DefaultInfo(executable = script, runfiles = ctx.runfiles(files = files))]

def skip(ctx, reason):
    """The providers of a test that is SKIPPED: exit 0, the reason in its log, in test.xml and in verdicts.jsonl.

    Args:
      ctx: the context of a rule with ATTRS.
      reason: what the machine lacks.

    Returns:
      The providers of a test rule.
    """
    lines = []
    if ctx.attr.consumer:
        header = {"consumer": ctx.attr.consumer, "kind": "consumer", "skipped": reason, "title": ctx.attr.consumer}
        lines.append("printf '%s\\n' {} >\"$TEST_UNDECLARED_OUTPUTS_DIR/verdicts.jsonl\"".format(shell(json.encode(header))))
    return launch(ctx, lines + skip_lines(ctx, shell(reason)))

# Programs are started by tests and tools, which tell where their runfiles are.
_PROGRAM_HEAD = """#!/usr/bin/env bash
set -euo pipefail
runfiles=${RUNFILES_DIR:-$0.runfiles}/_main
export LC_ALL=C.UTF-8
"""

SKIPPED = 77  # as automake has it: the program cannot run here, and has said why on stderr

def program(ctx, lines, runfiles = []):
    """The providers of a program: a script that runs some lines of bash, with the caller's arguments as "$@".

    Args:
      ctx: the context of a rule with PROGRAM_ATTRS.
      lines: bash; `$runfiles` is the folder to which short paths are relative. The working folder is the caller's.
      runfiles: files that the lines use.

    Returns:
      The providers of an executable rule.
    """
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(script, _PROGRAM_HEAD + "\n".join(lines) + "\n", is_executable = True)
    return [DefaultInfo(executable = script, files = depset([script]), runfiles = ctx.runfiles(files = runfiles))]

def skipped_program(ctx, reason):
    """The providers of a program whose toolchain the machine lacks: it says so on stderr, and exits with SKIPPED.

    Args:
      ctx: the context of a rule with PROGRAM_ATTRS.
      reason: what the machine lacks.

    Returns:
      The providers of an executable rule.
    """
    return program(ctx, ["printf '%s\\n' " + shell(reason) + " >&2", "exit %d" % SKIPPED])

def skip_lines(ctx, reason):
    """Bash that ends a test as SKIPPED.

    Args:
      ctx: the context of a rule with ATTRS.
      reason: bash word of what the machine lacks.

    Returns:
      Lines of bash.
    """
    return ["reason=" + reason, _SKIP.format(name = shell(ctx.label.name), package = shell(ctx.label.package))]

def shell(text):
    """Quotes a word for bash.

    Args:
      text: any text.

    Returns:
      The word.
    """
    return "'" + text.replace("'", "'\\''") + "'"

def copy(ctx, folder):
    """Bash that copies `srcs` to a folder, in their usual layout below the package.

    Args:
      ctx: the context of a rule with ATTRS.
      folder: bash word of the folder.

    Returns:
      Lines of bash.
    """
    prefix = ctx.label.package + "/"
    return [
        "mkdir -p {0}/{2} && cp -L {1} {0}/{3}".format(folder, shell(path), shell(path.removeprefix(prefix).rpartition("/")[0] or "."), shell(path.removeprefix(prefix)))
        for path in [file.short_path for file in ctx.files.srcs]
    ]

def language_test(rule, name, tier, size, tags, **kwargs):
    """Makes a target of a test rule in its tier.

    Args:
      rule: the rule.
      name: of the target.
      tier: see //tools/private:tiers.bzl.
      size: Bazel's test size, or None for the tier's.
      tags: further tags.
      **kwargs: attributes of the rule.
    """
    more = ["verdicts"] if kwargs.get("consumer") else []  # samewire check asks for this tag
    rule(
        name = name,
        **(tier_attributes(tier, size, tags + more) | kwargs)
    )

def _one(label):
    files = label.files.to_list()
    if len(files) != 1:
        fail("%s: expected one file or folder, got %d" % (label.label, len(files)))
    return files[0]
