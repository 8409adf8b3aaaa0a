"""What training changes: a model's parameters, its gradient, and the state of its optimizer."""

from __future__ import annotations

import math
import struct
import zlib
from array import array
from dataclasses import dataclass

from mock.tinker import language
from mock.tinker.language import COUNT, Tables

_MAGIC = b"SWT1"
_HEAD = struct.Struct("<4sBQ")
# A learning rate as a step of a logit: 0.0001 gives 0.02, and no rate more than 0.5, so that training stays steady.
_STEEP, _LONGEST = 400.0, 0.5


class Damaged(ValueError):
    """Bytes that are no saved weights."""


@dataclass(frozen=True, slots=True)
class Adam:
    """One step; names as in tinker.v1.AdamParams."""

    learning_rate: float = 1e-4
    beta1: float = 0.9
    beta2: float = 0.95
    eps: float = 1e-12
    weight_decay: float = 0.0
    grad_clip_norm: float = 0.0


@dataclass(frozen=True, slots=True)
class Dimuon:
    """One step; names as in tinker.v1.DimuonParams."""

    learning_rate: float
    beta1: float = 0.9
    grad_clip_norm: float = 0.0


class Weights:
    """`theta` and the moments have COUNT numbers each, or are None as long as they are all 0."""

    def __init__(self, base_model: str) -> None:
        self.base_model = base_model
        self.theta: array[float] | None = None
        self.mean: array[float] | None = None
        self.square: array[float] | None = None
        self.steps = 0
        self.gradient: array[float] | None = None
        self._tables: Tables | None = None

    @property
    def tables(self) -> Tables:
        if self._tables is None:
            self._tables = language.tables(self.base_model, self.theta)
        return self._tables

    def open_gradient(self) -> array[float]:
        """What backward passes add to, until the next step."""
        if self.gradient is None:
            self.gradient = zeros()
        return self.gradient

    def step(self, how: Adam | Dimuon) -> float:
        """Takes the gathered gradient; its norm before clipping. Without one the moments alone move the model."""
        theta = self.theta = self.theta or zeros()
        gradient = self.gradient or zeros()
        self.gradient = None
        self._tables = None
        self.steps += 1
        for i, value in enumerate(gradient):
            if value:
                gradient[i] = value * language.slope(theta[i])
        norm = math.sqrt(math.fsum(value * value for value in gradient))
        if 0 < how.grad_clip_norm < norm:
            scale = how.grad_clip_norm / norm
            gradient = array("d", [value * scale for value in gradient])
        rate = _LONGEST * -math.expm1(-_STEEP * how.learning_rate)
        if isinstance(how, Adam):
            self._adam(theta, gradient, rate, how)
        else:
            self._dimuon(theta, gradient, rate, how)
        return norm

    def _adam(self, theta: array[float], gradient: array[float], rate: float, how: Adam) -> None:
        mean = self.mean = self.mean or zeros()
        square = self.square = self.square or zeros()
        keep1, keep2 = how.beta1, how.beta2
        full1, full2 = 1 - keep1**self.steps or 1.0, 1 - keep2**self.steps or 1.0
        for i, value in enumerate(gradient):
            if value or mean[i]:
                mean[i] = keep1 * mean[i] + (1 - keep1) * value
                square[i] = keep2 * square[i] + (1 - keep2) * value * value
                size = math.sqrt(square[i] / full2) + how.eps
                theta[i] -= rate * mean[i] / full1 / size if size else 0.0
            if how.weight_decay:
                theta[i] -= rate * how.weight_decay * theta[i]

    def _dimuon(self, theta: array[float], gradient: array[float], rate: float, how: Dimuon) -> None:
        """Momentum whose directions all weigh the same; of a vector that is its length made one per number."""
        mean = self.mean = self.mean or zeros()
        for i, value in enumerate(gradient):
            mean[i] = how.beta1 * mean[i] + value
        used = [value for value in mean if value]
        length = math.sqrt(math.fsum(value * value for value in used) / len(used)) if used else 0.0
        if length:
            for i, value in enumerate(mean):
                theta[i] -= rate * value / length

    # Saving

    def to_bytes(self, optimizer: bool) -> bytes:
        """`optimizer`: with moments and the count of steps."""
        parts = [self.theta, self.mean, self.square] if optimizer else [self.theta]
        held = sum(1 << place for place, part in enumerate(parts) if part is not None)
        data = b"".join(_little(part).tobytes() for part in parts if part is not None)
        return _HEAD.pack(_MAGIC, held | (8 if optimizer else 0), self.steps) + zlib.compress(data, 1)

    def load(self, data: bytes, optimizer: bool) -> None:
        """What is not loaded of the optimizer is as new; a gradient that was gathered is dropped. Raises Damaged."""
        try:
            magic, held, steps = _HEAD.unpack_from(data)
            plain = zlib.decompress(data[_HEAD.size :])
        except (struct.error, zlib.error) as error:
            raise Damaged(str(error)) from None
        if magic != _MAGIC or len(plain) != 8 * COUNT * (held & 7).bit_count():
            raise Damaged("not saved weights")
        parts: list[array[float] | None] = []
        for place in range(3):
            if held >> place & 1:
                part = array("d")
                part.frombytes(plain[: 8 * COUNT])
                plain = plain[8 * COUNT :]
                parts.append(_little(part))
            else:
                parts.append(None)
        self.theta = parts[0]
        self.mean, self.square, self.steps = (parts[1], parts[2], steps) if optimizer else (None, None, 0)
        self.gradient = None
        self._tables = None


def zeros() -> array[float]:
    return array("d", bytes(8 * COUNT))


def _little(values: array[float]) -> array[float]:
    import sys

    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values
