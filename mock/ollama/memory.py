"""The models in memory, and until when (bridge_tinyllm_ollama.md C1, keep_alive)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mock.engine.clock import Clock
from mock.ollama.library import StoredModel

# 2^63 - 1 nanoseconds: how the real server says "never".
_NEVER = (2**63 - 1) / 1e9


@dataclass(slots=True)
class Loaded:
    """`expires` in seconds since 1970; `context` in tokens."""

    model: StoredModel
    expires: float
    context: int


class Memory:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loaded: dict[str, Loaded] = {}

    def holds(self, model: StoredModel, context: int) -> bool:
        """Whether it need not be loaded; another length of the context loads it anew."""
        self._expire()
        found = self._loaded.get(model.name.key)
        return found is not None and found.context == context

    def keep(self, model: StoredModel, seconds: float, context: int) -> None:
        """From now on for so long; 0 unloads."""
        if seconds == 0:
            self.unload(model)
            return
        lasts = _NEVER if math.isinf(seconds) else min(seconds, _NEVER)
        self._loaded[model.name.key] = Loaded(model, self._clock.now() + lasts, context)

    def unload(self, model: StoredModel) -> None:
        self._loaded.pop(model.name.key, None)

    def loaded(self) -> list[Loaded]:
        """The one that stays longest first."""
        self._expire()
        return sorted(self._loaded.values(), key=lambda each: -int(each.expires))

    def _expire(self) -> None:
        now = self._clock.now()
        for key in [key for key, each in self._loaded.items() if each.expires <= now]:
            del self._loaded[key]
