"""Settings of the mock, and what holds where nothing was set."""

from __future__ import annotations

import orjson
from samewire_wire import Model
from tinker.mock.v1.mock_wire import FailRule, ModelOffer, TinkerSettings
from tinker.v1.config_wire import ClientConfigResponse, ClientDynamicConfigResponse
from tinker.v1.future_wire import QueueState

from mock.tinker.promise import Category, Failed

_CONFIG_DIALECT = "tinker-0.38"
_OFFERS = [
    ModelOffer(name="meta-llama/Llama-3.2-1B", max_context_length=131_072),
    ModelOffer(name="meta-llama/Llama-3.1-8B-Instruct", max_context_length=131_072),
    ModelOffer(name="Qwen/Qwen3-8B", max_context_length=32_768),
    ModelOffer(name="Qwen/Qwen3-30B-A3B", max_context_length=32_768),
]
_STATES: dict[str, QueueState] = {
    "active": "active",
    "paused_capacity": "paused_capacity",
    "paused_rate_limit": "paused_rate_limit",
}


class Settings:
    """`now`: what was set, unset fields are None."""

    def __init__(self) -> None:
        self.now = TinkerSettings()
        self.client_config = ClientConfigResponse()
        self.dynamic_config = ClientDynamicConfigResponse()
        self._hits: dict[int, int] = {}

    def change(self, change: TinkerSettings) -> None:
        """All or nothing. Raises WireError."""
        if change.client_config is not None:
            client = ClientConfigResponse.from_wire(orjson.dumps(change.client_config), _CONFIG_DIALECT)
        else:
            client = self.client_config
        if change.dynamic_config is not None:
            dynamic = ClientDynamicConfigResponse.from_wire(orjson.dumps(change.dynamic_config), _CONFIG_DIALECT)
        else:
            dynamic = self.dynamic_config
        self.client_config, self.dynamic_config = client, dynamic
        if change.fail is not None:
            self._hits.clear()
        self.now = _merged(self.now, change)

    @property
    def offers(self) -> list[ModelOffer]:
        return _OFFERS if self.now.models is None else self.now.models

    @property
    def queue_state(self) -> QueueState | None:
        said = self.now.future.queue_state if self.now.future else None
        return None if said is None else _STATES.get(said, "unknown")

    @property
    def patience(self) -> float:
        return 60.0 if self.now.gap_patience_s is None else self.now.gap_patience_s

    def duration(self, operation: str) -> float:
        """Seconds that an operation takes."""
        durations = self.now.durations
        if durations is None:
            return 0.0
        name = {
            "asample": "sample",
            "forward": "forward_backward",
            "unload_model": "create_model",
            "create_custom_loss": "create_model",
        }.get(operation, "weights" if "weights" in operation else operation)
        held = getattr(durations, name)
        return held or 0.0

    def failure(self, operation: str, model_id: str | None) -> Failed | None:
        """What the rules say of this one, which is counted."""
        found = None
        for number, rule in enumerate(self.now.fail or ()):
            if rule.operation not in (None, operation) or rule.model_id not in (None, model_id):
                continue
            self._hits[number] = hit = self._hits.get(number, 0) + 1
            first = rule.nth or 1
            times = rule.times or (1 if rule.nth else None)
            if found is None and hit >= first and (times is None or hit < first + times):
                found = _failed(rule)
        return found


def _failed(rule: FailRule) -> Failed:
    category: Category = "unknown"
    if rule.category == "server" or rule.category == "user":
        category = rule.category
    return Failed(rule.message or "asked to fail", category)


def _merged(held: TinkerSettings, change: TinkerSettings) -> TinkerSettings:
    updates: dict[str, object] = {}
    for name, value in vars(change).items():
        if value is None or (name == "weights_access_tokens" and not value):
            continue
        before = getattr(held, name)
        if isinstance(value, Model) and isinstance(before, Model):
            given = {key: each for key, each in vars(value).items() if each is not None}
            value = before.model_copy(update=given)
        updates[name] = value
    return held.model_copy(update=updates)
