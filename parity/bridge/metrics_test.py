from __future__ import annotations

import json

from bridge.v1.pool_wire import HealthCheck, HealthReport
from samewire_wire import Timestamp

from parity.bridge.metrics import Metrics


def test_a_new_pool_has_counted_nothing() -> None:
    told = json.loads(Metrics().model().to_wire("bridge-v1"))
    assert set(told.values()) == {0}
    assert "last_health_check" not in told


def test_the_mean_is_over_the_ended_sessions() -> None:
    metrics = Metrics(total_sessions=5, ended_sessions=2, session_seconds=3.0)
    assert metrics.model().average_session_duration_ms == 1500


def test_the_last_health_check_is_told() -> None:
    report = HealthReport(healthy_workers=1, unhealthy_workers=0, total_workers=1)
    metrics = Metrics(last_health_check=HealthCheck(timestamp=Timestamp(7), results=report))
    assert json.loads(metrics.model().to_wire("bridge-v1"))["last_health_check"]["timestamp"] == 7


def test_the_plain_queue_has_figures_of_its_own() -> None:
    metrics = Metrics(checkouts=7, pool_timeouts=1, queued=3, failed_operations=2)
    told = json.loads(metrics.queue(workers=4, available=1, busy=3).to_wire("bridge-v1"))
    assert told == {
        "requests": 8,
        "queued": 3,
        "errors": 2,
        "queue_timeouts": 1,
        "workers": 4,
        "available": 1,
        "busy": 3,
    }
