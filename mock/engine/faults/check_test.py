"""What is no fault is refused where it is wrong, and told what to do."""

from typing import Any, get_args

import orjson
import pytest
from samewire.mock.v1 import fault_wire
from samewire.mock.v1.fault_wire import Fault

from mock.engine.faults.check import KINDS, check
from mock.engine.stubs.error import StubError


def fault(kind: str, **said: Any) -> Fault:
    return Fault.from_wire(orjson.dumps({"kind": kind} | said))


# Each kind with no more than it needs.
LEAST = {kind: fault(kind) for kind in KINDS} | {
    "status": fault("status", status=503),
    "slow_first_byte": fault("slow_first_byte", latency={"fixed_s": 1}),
    "delay": fault("delay", latency={"fixed_s": 1}),
    "bandwidth": fault("bandwidth", bytes=100),
    "grpc_status": fault("grpc_status", grpc={"code": "ABORTED"}),
}


def test_every_kind_of_the_definitions_is_known() -> None:
    defined = set(get_args(fault_wire.FaultKind))
    assert defined - {"FAULT_KIND_UNSPECIFIED"} == KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_least_of_each_kind(kind: str) -> None:
    check(LEAST[kind], "$")


@pytest.mark.parametrize(
    ("kind", "said", "path", "reason"),
    [
        ("status", {}, "status", "100 to 999"),
        ("slow_first_byte", {"after_bytes": 3}, "latency", '{"fixed_s": 2}'),
        ("delay", {}, "latency", '{"fixed_s": 2}'),
        ("bandwidth", {}, "bytes", "bytes per second"),
        ("grpc_status", {}, "grpc", "UNAVAILABLE"),
        ("truncate", {"bytes": 10}, "bytes", "takes after_bytes"),
        ("reset_after_headers", {"after_bytes": 1}, "after_bytes", "takes code"),
        ("empty", {"status": 503}, "status", "takes nothing"),
        ("delay", {"latency": {"fixed_s": 1}, "text": "x"}, "text", "takes latency"),
        ("status", {"status": 200, "json": None, "text": "x"}, "text", "json"),
        ("wrong_content_type", {"headers": {"a b": "c"}}, "headers", "'a b'"),
        ("wrong_content_type", {"headers": {"": "c"}}, "headers", "''"),
        ("status", {"status": 200, "headers": {"a": "b\r\nc: d"}}, "headers.a", "one line"),
    ],
)
def test_what_is_no_fault(kind: str, said: dict[str, Any], path: str, reason: str) -> None:
    with pytest.raises(StubError) as caught:
        check(fault(kind, **said), "$.rules[2].fault")
    assert caught.value.path == f"$.rules[2].fault.{path}"
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (Fault(kind="status", status=99), "$.status"),
        (Fault(kind="status", status=1000), "$.status"),
        (Fault(kind="bandwidth", bytes_=0), "$.bytes"),
        (Fault(kind="truncate", after_bytes=-1), "$.after_bytes"),
        (Fault(kind="FAULT_KIND_UNSPECIFIED"), "$.kind"),
    ],
)
def test_limits_hold_for_faults_that_no_reader_saw(made: Fault, path: str) -> None:
    with pytest.raises(StubError) as caught:
        check(made, "$")
    assert caught.value.path == path
