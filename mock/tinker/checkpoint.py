"""Checkpoints: what was saved, where it stands, and until when."""

from __future__ import annotations

from dataclasses import dataclass

from samewire_wire import Timestamp
from tinker.v1 import checkpoint_wire as wire
from tinker.v1.checkpoint_wire import CheckpointType
from tinker.v1.model_wire import LoraConfig
from tinker.v1.optimizer_wire import OptimizerConfig

from mock.engine.clock import Clock
from mock.tinker.paths import CheckpointPath
from mock.tinker.vault import Stored, Vault

_TYPES: dict[str, CheckpointType] = {
    "weights": "training",
    "sampler_weights": "sampler",
    "external_weights": "CHECKPOINT_TYPE_EXTERNAL",
}


@dataclass(slots=True)
class Checkpoint:
    path: CheckpointPath
    created: float
    stored: Stored
    base_model: str
    lora: LoraConfig | None
    optimizer: OptimizerConfig
    steps: int
    session_id: str
    expires: float | None = None
    public: bool = False
    metadata: dict[str, str] | None = None

    def to_wire(self) -> wire.Checkpoint:
        made = wire.Checkpoint(
            checkpoint_id=self.path.id,
            checkpoint_type=_TYPES[self.path.kind],
            time=Timestamp.from_seconds(self.created),
            tinker_path=str(self.path),
            size_bytes=self.stored.size,
            public=self.public,
        )
        if self.metadata is not None:
            made.user_metadata = self.metadata
        if self.expires is not None:
            made.expires_at = Timestamp.from_seconds(self.expires)
        return made


class Checkpoints:
    """In the order they were saved; expired ones are gone when anybody looks."""

    def __init__(self, clock: Clock, vault: Vault) -> None:
        self._clock = clock
        self._vault = vault
        self._held: dict[tuple[str, str], Checkpoint] = {}

    def add(self, checkpoint: Checkpoint) -> None:
        """One of the same path is replaced."""
        self.remove(checkpoint.path.run, checkpoint.path.id)
        self._held[checkpoint.path.run, checkpoint.path.id] = checkpoint

    def find(self, run: str, checkpoint_id: str) -> Checkpoint | None:
        found = self._held.get((run, checkpoint_id))
        if found is not None and found.expires is not None and found.expires <= self._clock.now():
            self.remove(run, checkpoint_id)
            return None
        return found

    def remove(self, run: str, checkpoint_id: str) -> None:
        found = self._held.pop((run, checkpoint_id), None)
        if found is not None:
            self._vault.drop(found.stored)

    def all(self, run: str | None = None) -> list[Checkpoint]:
        """The newest first."""
        now = self._clock.now()
        for gone in [each for each in self._held.values() if each.expires is not None and each.expires <= now]:
            self.remove(gone.path.run, gone.path.id)
        return [each for each in reversed(self._held.values()) if run is None or each.path.run == run]
