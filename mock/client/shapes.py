"""The dicts that go to and come from a mock, as proto/samewire/mock/v1 defines them; what they mean stands there."""

from __future__ import annotations

from typing import Any, Protocol, TypedDict


class Wire(Protocol):
    """A generated model."""

    def to_wire(self) -> bytes: ...


class TextMatch(TypedDict, total=False):
    equals: str
    regex: str
    contains: str
    exists: bool


class BodyMatch(TypedDict, total=False):
    path: str
    equals: Any
    subset: Any
    regex: str
    contains: str
    exists: bool


# `from` is a keyword.
CallRange = TypedDict("CallRange", {"from": int, "to": int, "every": int}, total=False)


class Match(TypedDict, total=False):
    rpc: str
    method: str
    path: str
    path_regex: str
    query: dict[str, TextMatch]
    headers: dict[str, TextMatch]
    body: list[BodyMatch]
    message: str
    dialect: str
    calls: CallRange


class GrpcStatus(TypedDict, total=False):
    code: str
    message: str
    details: list[dict[str, Any]]


class Uniform(TypedDict):
    min_s: float
    max_s: float


class Lognormal(TypedDict, total=False):
    median_s: float
    sigma: float
    max_s: float


class Bucket(TypedDict):
    le_s: float
    count: int


class Histogram(TypedDict):
    buckets: list[Bucket]


class Latency(TypedDict, total=False):
    fixed_s: float
    uniform: Uniform
    lognormal: Lognormal
    recorded: Histogram


class Fault(TypedDict, total=False):
    kind: str
    status: int
    headers: dict[str, str]
    json: Any
    text: str
    after_bytes: int
    latency: Latency
    bytes: int
    grpc: GrpcStatus
    code: int
    unserved: bool


class FaultRule(TypedDict, total=False):
    id: str
    request: Match
    probability: float
    from_s: float
    to_s: float
    fault: Fault


class FaultSchedule(TypedDict, total=False):
    seed: int
    rules: list[FaultRule]


class ScenarioStep(TypedDict, total=False):
    name: str
    state: str
    next: str


# `pass` is a keyword.
Reply = TypedDict(
    "Reply",
    {
        "status": int,
        "headers": dict[str, str],
        "json": Any,
        "text": str,
        "base64": str,
        "stream": list[Any],
        "delay": Latency,
        "between": Latency,
        "grpc": GrpcStatus,
        "fault": Fault,
        "pass": bool,
    },
    total=False,
)


class StubShape(TypedDict, total=False):
    id: str
    priority: int
    request: Match
    scenario: ScenarioStep
    answers: list[Reply]
    after: str
    unchecked: bool


class Scenario(TypedDict, total=False):
    seed: int
    stubs: list[StubShape]
    faults: FaultSchedule
    backends: dict[str, dict[str, Any]]
    virtual_time_s: float


class Clock(TypedDict):
    now_s: float
    virtual: bool
    waiting: int


class Server(TypedDict, total=False):
    version: str
    apis: list[str]
    listening: list[str]
    up_s: float
    connections: int


class Session(TypedDict, total=False):
    name: str
    stubs: int
    fault_rules: int
    requests: int
    held: int
    evicted: int
    bytes: int
    scenarios: dict[str, str]
    clock: Clock


class Header(TypedDict):
    name: str
    value: str


class Body(TypedDict, total=False):
    size: int
    json: Any
    text: str
    base64: str
    cut: bool


class Part(TypedDict):
    at_s: float
    body: Body


class Entry(TypedDict, total=False):
    seq: int
    session: str
    received_s: float
    clock_s: float
    wait_s: float
    took_s: float
    connection: int
    protocol: str
    method: str
    target: str
    headers: list[Header]
    request: Body
    rpc: str
    dialect: str
    message: Any
    problem: str
    answered_by: str
    fault: str
    status: int
    answer_headers: list[Header]
    answer: Body
    parts: list[Part]
    grpc_status: str
    ended: str


class Difference(TypedDict):
    where: str
    wanted: str
    got: str


class NearMiss(TypedDict, total=False):
    entry: int
    stub: str
    differences: list[Difference]


class Count(TypedDict, total=False):
    min: int
    max: int


class Verification(TypedDict, total=False):
    request: Match
    count: Count
    never: bool
    order: list[Match]
    within_s: float
    after: int


class Verdict(TypedDict, total=False):
    ok: bool
    matched: int
    problem: str
    near_misses: list[NearMiss]
    evicted: int
