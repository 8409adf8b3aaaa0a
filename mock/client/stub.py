"""Stubs and fault rules, said in Python.

    when(rpc="tinker.v1.SamplingService/Sample", json={"num_samples": 2}).reply(status=503).reply(json={...})

answers the first call with 503 and all later ones with the JSON.
"""

from __future__ import annotations

import base64
import json as json_module
from collections.abc import Mapping, Sequence
from typing import Any, Self, TypedDict, Unpack, cast

from mock.client.shapes import (
    BodyMatch,
    CallRange,
    Fault,
    FaultRule,
    GrpcStatus,
    Latency,
    Match,
    Reply,
    StubShape,
    TextMatch,
    Wire,
)

UNSET: Any = object()
Matching = Match | Wire
Texts = Mapping[str, str | bool | TextMatch]


def plain(value: Any) -> Any:
    """JSON data of a dict, a Stub or a generated model."""
    if isinstance(value, Stub):
        return value.shape
    return json_module.loads(value.to_wire()) if hasattr(value, "to_wire") else value


class Conditions(TypedDict, total=False):
    """Which requests are meant; everything that is said must hold.

    `json`: the body has these keys with these values, and may have more. `equals`: the body is this. `at`: by JSONPath,
    the value there. `query`, `headers`: by name a text, True or False (there or not), or a TextMatch.
    `calls`: the 2nd: 2; the 2nd and 3rd: (2, 3); from the 2nd on: (2, None). The others are as in a Match.
    """

    rpc: str
    method: str
    path: str
    path_regex: str
    query: Texts
    headers: Texts
    json: Any
    equals: Any
    at: Mapping[str, Any]
    body: Sequence[BodyMatch]
    message: str
    dialect: str
    calls: int | tuple[int, int | None] | CallRange


def match(**conditions: Unpack[Conditions]) -> Match:
    """`match(path="/api/chat", json={"model": "m"})`; see Conditions."""
    said: dict[str, Any] = {
        name: conditions.get(name) for name in ("rpc", "method", "path", "path_regex", "message", "dialect")
    }
    said["query"] = _texts(conditions.get("query"))
    said["headers"] = _texts(conditions.get("headers"))
    said["calls"] = _calls(conditions.get("calls"))
    body: list[BodyMatch] = list(conditions.get("body", ()))
    if "equals" in conditions:
        body.append({"equals": conditions["equals"]})
    if "json" in conditions:
        body.append({"subset": conditions["json"]})
    body += [{"path": where, "equals": value} for where, value in conditions.get("at", {}).items()]
    if body:
        said["body"] = body
    if unknown := conditions.keys() - Conditions.__annotations__.keys():
        raise TypeError(f"no condition {', '.join(sorted(unknown))}; there are {', '.join(Conditions.__annotations__)}")
    return cast(Match, {name: value for name, value in said.items() if value is not None})


class Stub:
    """What is answered to which requests. Each `reply` adds an answer; they come in turn."""

    def __init__(self, request: Matching) -> None:
        self.shape: StubShape = {"request": plain(request), "answers": []}

    def reply(
        self,
        *,
        json: Any = UNSET,
        text: str | None = None,
        data: bytes | None = None,
        stream: Sequence[Any] | None = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        delay: float | Latency | None = None,
        between: float | Latency | None = None,
        grpc: str | GrpcStatus | None = None,
        fault: str | Fault | None = None,
    ) -> Self:
        """`delay` and `between` (the messages of a stream) in seconds or as a Latency; `grpc`: a code, "NOT_FOUND";
        `fault`: a kind, "hang". Strings may be templates: "{{ request.json.model }}".
        """
        said: dict[str, Any] = {
            "status": status,
            "headers": dict(headers) if headers else None,
            "text": text,
            "base64": None if data is None else base64.b64encode(data).decode(),
            "stream": None if stream is None else list(stream),
            "delay": latency(delay),
            "between": latency(between),
            "grpc": {"code": grpc} if isinstance(grpc, str) else grpc,
            "fault": {"kind": fault} if isinstance(fault, str) else fault,
        }
        answer = {name: value for name, value in said.items() if value is not None}
        if json is not UNSET:
            answer["json"] = json
        return self._add(cast(Reply, answer))

    def let_pass(self, *, delay: float | Latency | None = None, fault: str | Fault | None = None) -> Self:
        """The backend answers, later or broken."""
        answer: Reply = {"pass": True}
        if delay is not None:
            answer["delay"] = cast(Latency, latency(delay))
        if fault is not None:
            answer["fault"] = {"kind": fault} if isinstance(fault, str) else fault
        return self._add(answer)

    def named(self, id: str) -> Self:  # noqa: A002 - as the definition calls it
        self.shape["id"] = id
        return self

    def priority(self, priority: int) -> Self:
        """The highest one that matches answers."""
        self.shape["priority"] = priority
        return self

    def in_state(self, scenario: str, state: str | None = None, *, then: str | None = None) -> Self:
        """Only while the state machine `scenario` is in `state` (it begins in "started"); `then`: its state after."""
        self.shape["scenario"] = {"name": scenario}
        if state is not None:
            self.shape["scenario"]["state"] = state
        if then is not None:
            self.shape["scenario"]["next"] = then
        return self

    def cycle(self) -> Self:
        """After the last answer the first one comes again."""
        self.shape["after"] = "cycle"
        return self

    def retire(self) -> Self:
        """After the last answer the stub matches no more."""
        self.shape["after"] = "retire"
        return self

    def unchecked(self) -> Self:
        """Send what the definitions would not allow."""
        self.shape["unchecked"] = True
        return self

    def _add(self, answer: Reply) -> Self:
        self.shape["answers"].append(answer)
        return self


def when(request: Matching | None = None, **conditions: Unpack[Conditions]) -> Stub:
    """A match, or conditions of which one is made."""
    return Stub(match(**conditions) if request is None else request)


def rule(
    fault: str | Fault | Wire,
    request: Matching | None = None,
    *,
    probability: float | None = None,
    from_s: float | None = None,
    to_s: float | None = None,
    id: str | None = None,  # noqa: A002 - as the definition calls it
    **details: Any,
) -> FaultRule:
    """One rule of a fault schedule: `rule("status", match(rpc=…), status=503, probability=0.1)`; `details` are further
    fields of the fault.
    """
    said: dict[str, Any] = {"probability": probability, "from_s": from_s, "to_s": to_s, "id": id}
    if request is not None:
        said["request"] = plain(request)
    if isinstance(details.get("latency"), int | float):
        details["latency"] = latency(details["latency"])
    said["fault"] = {"kind": fault, **details} if isinstance(fault, str) else plain(fault) | details
    return cast(FaultRule, {name: value for name, value in said.items() if value is not None})


def latency(value: float | Latency | None) -> Latency | None:
    return {"fixed_s": value} if isinstance(value, int | float) else value


def _texts(texts: Texts | None) -> dict[str, TextMatch] | None:
    if not texts:
        return None
    return {name: _text(value) for name, value in texts.items()}


def _text(value: str | bool | TextMatch) -> TextMatch:
    if isinstance(value, bool):
        return {"exists": value}
    return {"equals": value} if isinstance(value, str) else value


def _calls(calls: int | tuple[int, int | None] | CallRange | None) -> CallRange | None:
    if isinstance(calls, int):
        return {"from": calls, "to": calls}
    if isinstance(calls, tuple):
        first, last = calls
        return {"from": first} if last is None else {"from": first, "to": last}
    return calls
