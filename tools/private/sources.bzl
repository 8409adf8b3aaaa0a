"""`sources`; see //tools:defs.bzl."""

def sources():
    """Hands the files of this package, and of every package below it, to lint, type checks and house rules.

    Every BUILD.bazel says it once:

    ```starlark
    load("//tools:defs.bzl", "sources")

    sources()
    ```

    A package that forgets it cannot be built by the one above ("no such target '//new:sources'"), so no package escapes
    the checks by being new.
    """
    here = native.package_name()
    prefix = here + "/" if here else ""
    parts = here.split("/") if here else []
    native.filegroup(
        name = "sources",
        srcs = native.glob(["**"], exclude = ["bazel-*/**", ".git/**"], allow_empty = True) + [
            "//%s%s:sources" % (prefix, package)
            for package in native.subpackages(include = ["**"], allow_empty = True)
        ],
        # The packages above, which hand it on, and those that check. Nobody else: this is no way around visibility.
        visibility = ["//:__pkg__", "//tests:__subpackages__", "//tools/lint:__pkg__"] + [
            "//%s:__pkg__" % "/".join(parts[:end])
            for end in range(1, len(parts))
        ],
        tags = ["manual"],
    )
