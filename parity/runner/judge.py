"""An answer against what must come."""

from __future__ import annotations

from typing import Any

from samewire.parity.v1.result_wire import Difference
from samewire.parity.v1.testee_wire import Rejection, Response
from samewire_wire import MISSING

from parity.runner import codec
from parity.runner.compare import differences
from parity.runner.corpus import SCENARIO, Question
from parity.runner.scenario import answer_differences


def judge(question: Question, response: Response) -> list[Difference]:
    """How the answer to a question differs; what a scenario sent is not looked at here.

    Only for answers that are a result or a refusal.
    """
    expect = question.expect
    if response.rejected is not None:
        if expect.rejected is None:
            what = f"refused: {response.rejected.reason}"
            return [Difference(path=response.rejected.path or "$", what=what, expected=expect.result)]
        return _refusal(question, response.rejected)
    result: Any = None if response.result is MISSING else response.result
    if expect.rejected is not None:
        return [Difference(path="$", what=_wanted(question), got=result)]
    if question.call == SCENARIO:
        return answer_differences(question, result)
    if question.call == codec.CALL:
        assert isinstance(expect.result, dict)
        return codec.text_differences(str(expect.result["json"]), result)
    return differences(expect.result, result, expect.tolerance)


def _wanted(question: Question) -> str:
    rejected = question.expect.rejected
    assert rejected is not None
    kind = f" as {rejected.kind}" if rejected.kind else ""
    return f"taken, and should have been refused{kind}"


def _refusal(question: Question, got: Rejection) -> list[Difference]:
    expected = question.expect.rejected
    assert expected is not None
    found: list[Difference] = []
    if expected.kind is not None and got.kind != expected.kind:
        found.append(Difference(path="$rejected.kind", expected=expected.kind, got=got.kind, what="differs"))
    if expected.path is not None and got.path != expected.path:
        found.append(Difference(path="$rejected.path", expected=expected.path, got=got.path, what="differs"))
    return found
