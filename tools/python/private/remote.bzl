"""The setting that says whether remote workers run what is built."""

remote = rule(
    implementation = lambda ctx: [],
    doc = "A flag: `--//tools/python:remote`.",
    build_setting = config.bool(flag = True),
)
