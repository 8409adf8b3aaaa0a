"""`refused_test`: Bazel itself refuses a dependency."""

def _refused_test_impl(ctx):
    target = ctx.attr.target[0]  # A list, since the attribute has a transition.
    if AnalysisFailureInfo not in target:
        return AnalysisTestResultInfo(
            success = False,
            message = "%s can be built, and must not be: %s" % (target.label, ctx.attr.why),
        )
    messages = [failure.message for failure in target[AnalysisFailureInfo].causes.to_list()]
    wanted = [message for message in messages if ctx.attr.says in message]
    return AnalysisTestResultInfo(
        success = bool(wanted),
        message = "\n".join(messages) if wanted else "refused, but not as \"%s\":\n%s" % (ctx.attr.says, "\n".join(messages)),
    )

_with_failures = analysis_test_transition(settings = {"//command_line_option:allow_analysis_failures": "True"})

refused_test = rule(
    implementation = _refused_test_impl,
    doc = "Green when `target` cannot be analysed and the reason contains `says`.",
    analysis_test = True,
    attrs = {
        "says": attr.string(default = "is not visible from", doc = "What the refusal must say."),
        "target": attr.label(mandatory = True, cfg = _with_failures, doc = "What must be refused; tag it manual."),
        "why": attr.string(doc = "The rule that it would break."),
    },
)
