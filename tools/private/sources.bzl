"""`sources`; see //tools:defs.bzl."""

load(":tiers.bzl", "TIERS")

# Workspaces of their own, as .bazelignore names them: subpackages() does not read it, and what it then names is no package.
_WORKSPACES = ["examples/orders"]

def sources(name = "sources"):
    """Hands the files of this package, and of every package below it, to lint, type checks and house rules.

    Every BUILD.bazel says it once:

    ```starlark
    load("//tools:defs.bzl", "sources")

    sources()
    ```

    A package that forgets it cannot be built by the one above ("no such target '//new:sources'"), so no package escapes
    the checks by being new. On the same way its tests reach the suites of the root package, one for each tier
    (`//:unit`, `//:contract` …).

    Args:
      name: always "sources": the package above asks for it by that name.
    """
    here = native.package_name()
    prefix = here + "/" if here else ""
    patterns = ["**"] if here else _root_patterns()
    below = ["//%s%s:" % (prefix, package) for package in native.subpackages(
        include = patterns,
        exclude = [] if here else _WORKSPACES,
        allow_empty = True,
    )]

    # The packages above, which hand it on, and those that check. Nobody else: this is no way around visibility.
    parts = here.split("/")
    visibility = ["//:__pkg__", "//tests:__subpackages__", "//tools/lint:__pkg__"]
    visibility += ["//%s:__pkg__" % "/".join(parts[:end]) for end in range(1, len(parts))]

    native.filegroup(
        name = name,
        srcs = native.glob(patterns, exclude = ["**/__pycache__/**", "**/node_modules/**"], allow_empty = True) + [package + name for package in below],
        visibility = visibility,
    )

    for tier in TIERS:
        # A suite that names no tests holds those of its own package; its tags do not reach into suites that it names.
        native.test_suite(name = "%s.%s_here" % (name, tier), tags = ["tier-" + tier])
        native.test_suite(
            name = "%s.%s" % (name, tier) if here else tier,
            tests = [":%s.%s_here" % (name, tier)] + ["%s%s.%s" % (package, name, tier) for package in below],
            visibility = visibility,
        )

def _root_patterns():
    """All of the repository but Bazel's own links (`**` would follow them), .git and a developer's hidden folders."""
    files = native.glob(["*"])
    folders = [name for name in native.glob(["*"], exclude_directories = 0) if name not in files]
    folders += native.subpackages(include = ["*"])

    # out/ is what `samewire check` leaves.
    ours = [name for name in folders if name != "out" and not name.startswith(("bazel-", ".")) or name == ".ci"]
    return [name for name in files if name != ".git"] + [name + "/**" for name in ours]
