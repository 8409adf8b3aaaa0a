"""What a pool has done, counted where it happens."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.v1.pool_wire import HealthCheck, PoolMetrics, QueueStats
from samewire_wire import MISSING


@dataclass(slots=True)
class Metrics:
    """The first nine are those of the wire (facts A5); those after them tell more."""

    total_operations: int = 0
    successful_operations: int = 0
    failed_operations: int = 0
    total_sessions: int = 0
    ended_sessions: int = 0
    session_seconds: float = 0.0  # of all ended sessions together
    pool_timeouts: int = 0
    worker_errors: int = 0  # ends that nobody asked for, failed starts, failed health checks
    stale_sessions_cleaned: int = 0
    last_health_check: HealthCheck | None = None

    checkouts: int = 0
    queued: int = 0  # checkouts that had to wait
    starts: int = 0
    ends: int = 0
    replaced: int = 0
    moved_sessions: int = 0  # that lost their worker, and with it what it kept for them

    def model(self) -> PoolMetrics:
        mean = self.session_seconds * 1000 / self.ended_sessions if self.ended_sessions else 0.0
        return PoolMetrics(
            total_operations=self.total_operations,
            successful_operations=self.successful_operations,
            failed_operations=self.failed_operations,
            total_sessions=self.total_sessions,
            average_session_duration_ms=mean,
            pool_timeouts=self.pool_timeouts,
            worker_errors=self.worker_errors,
            stale_sessions_cleaned=self.stale_sessions_cleaned,
            last_health_check=MISSING if self.last_health_check is None else self.last_health_check,
        )

    def queue(self, workers: int, available: int, busy: int) -> QueueStats:
        """The figures of v3, with how many workers there are now."""
        return QueueStats(
            requests=self.checkouts + self.pool_timeouts,
            queued=self.queued,
            errors=self.failed_operations,
            queue_timeouts=self.pool_timeouts,
            workers=workers,
            available=available,
            busy=busy,
        )
