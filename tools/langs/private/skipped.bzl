"""`skipped_test`: what a test looks like whose toolchain the machine lacks, for the test of that."""

load(":launcher.bzl", "ATTRS", "skip")

skipped_test = rule(
    implementation = lambda ctx: skip(ctx, ctx.attr.reason),
    doc = "SKIPPED, always.",
    attrs = ATTRS | {"reason": attr.string(mandatory = True)},
    test = True,
)
