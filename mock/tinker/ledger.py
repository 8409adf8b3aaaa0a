"""What was done and used: entries of the audit log and of the bill, the newest ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

Use = Literal["training", "prefill", "cached_prefill", "sample", "checkpoint"]
_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Act:
    """`event`: resource and action, "checkpoint_read"."""

    at: float
    event: str
    model_id: str
    tinker_path: str


class Ledger:
    """Uses are added up by hour, session, base model and kind; tokens, or checkpoints."""

    def __init__(self) -> None:
        self.acts: deque[Act] = deque(maxlen=_KEPT)
        self.uses: dict[tuple[int, str, str, Use], int] = {}

    def act(self, now: float, event: str, model_id: str, tinker_path: str) -> None:
        self.acts.append(Act(now, event, model_id, tinker_path))

    def use(self, now: float, session_id: str, base_model: str, kind: Use, count: int) -> None:
        key = (int(now // 3600) * 3600, session_id, base_model, kind)
        self.uses[key] = self.uses.get(key, 0) + count
        if len(self.uses) > _KEPT:
            del self.uses[next(iter(self.uses))]
