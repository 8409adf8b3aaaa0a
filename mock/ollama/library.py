"""The models on disk, and what the registry has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ollama.mock.v1.mock_wire import MockModel
from ollama.v1.chat_wire import Message
from ollama.v1.models_wire import ModelDetails

from mock.ollama.names import Name

COMPLETION, TOOLS, INSERT, VISION, EMBEDDING, THINKING = (
    "completion",
    "tools",
    "insert",
    "vision",
    "embedding",
    "thinking",
)
USUAL = (COMPLETION, TOOLS, INSERT, VISION)

# Before the first request.
_AT_FIRST = (
    MockModel(name="qwen2.5:0.5b", capabilities=[COMPLETION, TOOLS], parameter_size="494.03M", size=397_821_319),
    MockModel(name="qwen2.5:3b", capabilities=[COMPLETION, TOOLS]),
    MockModel(name="granite-code:3b", capabilities=[COMPLETION, INSERT], family="llama", parameter_size="3.5B"),
    MockModel(name="phi3:mini", capabilities=[COMPLETION], family="phi3", parameter_size="3.8B"),
    MockModel(name="qwen3:0.6b", capabilities=[COMPLETION, TOOLS, THINKING], family="qwen3", parameter_size="751.63M"),
    MockModel(name="llava:7b", capabilities=[COMPLETION, VISION], family="llama", parameter_size="7B"),
    MockModel(
        name="nomic-embed-text",
        capabilities=[EMBEDDING],
        family="nomic-bert",
        parameter_size="137M",
        quantization_level="F16",
        context_length=2048,
        embedding_length=768,
        size=274_302_450,
    ),
)


@dataclass(frozen=True, slots=True)
class Layer:
    """`digest`: "sha256:" and 64 hex digits; `size` in bytes."""

    digest: str
    size: int

    @classmethod
    def of(cls, text: str, size: int | None = None) -> Layer:
        """One whose content is not kept."""
        data = text.encode()
        return cls("sha256:" + hashlib.sha256(data).hexdigest(), len(data) if size is None else size)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """`modified` is in seconds since 1970, `size` in bytes, `context_length` in tokens.

    `weights`: what its texts and vectors come from: a copy speaks as the original does.
    """

    name: Name
    weights: str
    modified: float
    capabilities: tuple[str, ...] = USUAL
    family: str = "qwen2"
    parameter_size: str = "3.1B"
    quantization: str = "Q4_K_M"
    size: int = 1_929_912_432
    context_length: int = 32_768
    embedding_length: int = 512
    system: str = ""
    template: str = "{{ .Prompt }}"
    license: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    parent: str = ""
    files: tuple[Layer, ...] = ()
    lenient: bool = False  # there because nobody checks; it refuses nothing

    @classmethod
    def of(cls, spec: MockModel, now: float) -> StoredModel | None:
        """None for what is no name."""
        name = Name.parse(spec.name)
        if name is None:
            return None
        said: dict[str, Any] = {
            "family": spec.family,
            "parameter_size": spec.parameter_size,
            "quantization": spec.quantization_level,
            "size": spec.size,
            "context_length": spec.context_length,
            "embedding_length": spec.embedding_length,
            "system": spec.system,
            "template": spec.template,
            "license": spec.license,
            "parameters": spec.parameters,
            "capabilities": tuple(spec.capabilities) or None,
        }
        return cls(name, name.key, now, **{key: value for key, value in said.items() if value is not None})

    def can(self, capability: str) -> bool:
        return self.lenient or capability in self.capabilities

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The weights first, as the registry has them."""
        small = [each for each in (self.template, self.license, self.system) if each]
        parameters = [repr(sorted(self.parameters.items()))] if self.parameters else []
        weights = self.files or (Layer.of(f"weights {self.weights} {self.quantization}", self.size),)
        return (*weights, *map(Layer.of, (*small, *parameters, f"config {self.family} {self.parameter_size}")))

    @property
    def digest(self) -> str:
        """Of the manifest; 64 hex digits."""
        return hashlib.sha256(" ".join(layer.digest for layer in self.layers).encode()).hexdigest()

    @property
    def details(self) -> ModelDetails:
        return ModelDetails(
            parent_model=self.parent,
            format="gguf",
            family=self.family,
            families=[self.family],
            parameter_size=self.parameter_size,
            quantization_level=self.quantization,
        )


class Library:
    """By name, whatever its case."""

    def __init__(self, now: float) -> None:
        self.strict = True
        self.unavailable: set[str] = set()
        self._models: dict[str, StoredModel] = {}
        for spec in _AT_FIRST:
            self.add(spec, now)

    def __iter__(self) -> Iterator[StoredModel]:
        """The one that was changed last comes first."""
        return iter(sorted(self._models.values(), key=lambda model: -int(model.modified)))

    def add(self, spec: MockModel, now: float) -> bool:
        """False for what is no name."""
        model = StoredModel.of(spec, now)
        if model is not None:
            self.put(model)
        return model is not None

    def put(self, model: StoredModel) -> None:
        self._models[model.name.key] = model

    def find(self, name: Name) -> StoredModel | None:
        found = self._models.get(name.key)
        if found is None and not self.strict:
            return StoredModel(name, name.key, 0.0, lenient=True)
        return found

    def has(self, name: Name) -> bool:
        return name.key in self._models

    def remove(self, name: Name) -> bool:
        return self._models.pop(name.key, None) is not None

    def copy(self, source: StoredModel, to: Name, now: float) -> None:
        self.put(replace(source, name=to, modified=now))

    def of_registry(self, name: Name, now: float) -> StoredModel | None:
        """What a pull brings; None where the registry does not have it."""
        if name.key in self.unavailable:
            return None
        known = next((spec for spec in _AT_FIRST if (first := Name.parse(spec.name)) and first.key == name.key), None)
        return StoredModel.of(known, now) if known else StoredModel(name, name.key, now)
