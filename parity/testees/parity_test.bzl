"""`parity_test`: one testee, one group of features, every case of it in test.xml."""

load("@rules_python//python:defs.bzl", "py_test")

def parity_test(name, testee, program, features, size = "medium", tags = [], **kwargs):
    """Asks one testee the cases of some features, and is red where it differs and no list says so.

    ```starlark
    load("//parity/testees:parity_test.bzl", "parity_test")

    parity_test(
        name = "go_training_test",
        testee = "go",
        program = "//parity/testees:go",
        features = ["training"],
    )
    ```

    A testee that says that it cannot run on this machine is green, and SKIPPED with its reason in test.xml.

    Args:
      name: name of the target, ending in `_test`.
      testee: the testee's name, as in its Hello and in `./samewire parity --testee`.
      program: a `testees` target that holds it.
      features: patterns of `--feature`; "codec" is the golden corpus.
      size: Bazel's test size.
      tags: further tags.
      **kwargs: what py_test also takes.
    """
    if not name.endswith("_test"):
        fail("parity_test(name = \"%s\"): the name of a test ends in _test" % name)
    if not features:
        fail("parity_test(name = \"%s\"): features is empty, so there is nothing to ask" % name)
    with_corpus = [feature for feature in features if feature == "codec" or feature.startswith("codec/")]
    main = Label("//parity/testees:parity_test.py")
    py_test(
        name = name,
        size = size,
        srcs = [main],
        main = main,
        args = ["--testee", testee] + ["--feature=" + feature for feature in features] + ([] if with_corpus else ["--no-codec"]),
        data = [
            program,
            Label("//mock/cli:mock"),
            Label("//parity/cases"),
            Label("//parity/known"),
        ] + ([Label("//proto:fixtures_dir")] if with_corpus else []),
        env = {
            "SAMEWIRE_MOCK": "$(rootpath %s)" % Label("//mock/cli:mock"),
            "SAMEWIRE_TESTEES": "$(rootpath %s)" % program,
        } | ({"SAMEWIRE_FIXTURES": "$(rootpath %s)" % Label("//proto:fixtures_dir")} if with_corpus else {}),
        tags = ["tier-contract", "parity"] + tags,
        deps = [Label("//parity/cli")],
        **kwargs
    )
