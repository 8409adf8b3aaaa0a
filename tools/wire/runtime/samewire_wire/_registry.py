"""Every message that generated modules brought in, by full name, and what can be done with it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import orjson

from samewire_wire._error import WireError

# What reads and writes is imported when the first message is read or written: importing generated models stays cheap.
if TYPE_CHECKING:
    from samewire_wire import _rules as r

PROTOJSON = "protojson"
_dumps = orjson.dumps
Data = bytes | bytearray | memoryview | str
Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]


class WireFile:
    """One generated module: its .proto and the dialects of its package, the usual one first."""

    def __init__(self, module: str, name: str, dialects: tuple[str, ...]) -> None:
        self.module = module
        self.name = name
        self.dialects = dialects

    def message(self, full_name: str, dialects: tuple[str, ...] | None = None) -> MessageSpec:
        """Registers a message; `dialects` where it does not have all of the file's."""
        spec = MessageSpec(full_name, self, self.dialects if dialects is None else dialects)
        registry.add(spec)
        return spec

    def default(self, message: str, field: str, dialect: str) -> Callable[[], Any]:
        """The factory of a default that is a message or container: reads the default's JSON anew each time."""
        factory: list[Callable[[], Any]] = []

        def make() -> Any:
            if not factory:
                from samewire_wire import _json

                factory.append(_json.default_factory(message, field, dialect))
            return factory[0]()

        return make

    def part(self, what: str) -> ModuleType:
        """The private generated module with the tables of a dialect, or "binary"."""
        package, _, stem = self.module.rpartition(".")
        name = f"_{stem}_{re.sub(r'[^a-z0-9]', '_', what)}"
        return importlib.import_module(f"{package}.{name}" if package else name)


class MessageSpec:
    """One message: its names, and reading and writing in every form. Models have it as `WIRE`; messages that are a
    union or a bare value in Python (tagged, by shape, inline) only have this.

    `dialects`: those that have the message, the usual one first. All methods raise WireError on bad data, and
    LookupError for a dialect that the message does not have.
    """

    special_json = False  # whether ProtoJSON gives it a form of its own (well-known types)

    def __init__(self, full_name: str, file: WireFile, dialects: tuple[str, ...]) -> None:
        self.full_name = full_name
        self.file = file
        self.dialects = dialects
        self.readers: dict[str | None, Reader] = _Made(self._make_reader)
        self.writers: dict[str | None, Writer] = _Made(self._make_writer)
        self.lenient: dict[str | None, Reader] = _Made(self._make_lenient)
        self._binary: Any = None
        self.model: type[Any] | None = None  # the class; None where Python has no object for the message

    def __repr__(self) -> str:
        return f"<message {self.full_name}>"

    def __deepcopy__(self, memo: Any) -> MessageSpec:
        return self

    # JSON

    def read(self, data: Data, dialect: str | None = None) -> Any:
        """Without a dialect, the first one that accepts."""
        return self.readers[dialect](data)

    def read_any(self, data: Data) -> tuple[Any, str]:
        """The value and the dialect that took it: the first one that does, in the order of their declaration."""
        self._known(None)
        refused: WireError | None = None
        for dialect in self.dialects:
            try:
                return self.read(data, dialect), dialect
            except WireError as error:
                if refused is None or len(error.path) > len(refused.path):
                    refused = error
        assert refused is not None
        raise refused

    def read_lenient(self, data: Data, dialect: str | None = None) -> Any:
        """As `read` in the dialect (the usual one), but keys and enum strings that it does not know are dropped."""
        return self.lenient[self._known(dialect)](data)

    def write(self, value: Any, dialect: str | None = None) -> bytes:
        """Compact JSON in UTF-8. Without a dialect, the usual one."""
        try:
            return _dumps(self.writers[dialect](value))
        except Exception as error:
            from samewire_wire._write import explain

            raise explain(self, value, dialect, error) from None

    def read_protojson(self, data: Data, ignore_unknown: bool = False) -> Any:
        return (self.lenient if ignore_unknown else self.readers)[PROTOJSON](data)

    def write_protojson(self, value: Any) -> bytes:
        return self.write(value, PROTOJSON)

    # Binary

    def read_binary(self, data: bytes) -> Any:
        return self.binary().read(data)

    def write_binary(self, value: Any) -> bytes:
        """Deterministic: equal values give equal bytes."""
        return self.binary().write(value)  # type: ignore[no-any-return]

    def binary(self) -> Any:
        if self._binary is None:
            from samewire_wire import _binary

            self._binary = _binary.converter(self.full_name)
        return self._binary

    # What generated code is made of

    def rule(self, dialect: str) -> r.Type | r.Message:
        rules: Mapping[str, r.Message] = self.file.part(dialect).RULES
        if self.full_name not in rules:
            raise LookupError(f"{self.full_name} is not in the dialect {dialect}")
        return rules[self.full_name]

    def root(self, dialect: str) -> r.Type:
        from samewire_wire._rules import Ref

        return Ref(self.full_name, dialect)

    def writer(self, dialect: str | None = None) -> Writer:
        """From the Python value to what a JSON library writes."""
        return self.writers[dialect]

    def counter(self, dialect: str) -> Callable[[Any], int]:
        return self.file.part(dialect).COUNTERS[self.full_name]  # type: ignore[no-any-return]

    def _known(self, dialect: str | None) -> str:
        if dialect is None and self.dialects:
            return self.dialects[0]
        if dialect is None or (dialect != PROTOJSON and dialect not in self.dialects):
            have = ", ".join((*self.dialects, PROTOJSON))
            raise LookupError(f"{self.full_name} has no dialect {dialect!r}; it has {have}")
        return dialect

    def _make_writer(self, dialect: str | None) -> Writer:
        return self.file.part(self._known(dialect)).WRITERS[self.full_name]  # type: ignore[no-any-return]

    def _make_reader(self, dialect: str | None) -> Reader:
        if dialect is None:
            return lambda data: self.read_any(data)[0]
        return self._reader(self._known(dialect), ignore_unknown=False)

    def _make_lenient(self, dialect: str | None) -> Reader:
        return self._reader(self._known(dialect), ignore_unknown=True)

    def _reader(self, dialect: str, *, ignore_unknown: bool) -> Reader:
        from samewire_wire import _json

        return _json.reader(self.full_name, self.root(dialect), self.counter(dialect), ignore_unknown)


class _Made(dict[str | None, Any]):
    """By dialect, made when first asked for: later it costs one look into a dict."""

    def __init__(self, make: Callable[[str | None], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, dialect: str | None) -> Any:
        self[dialect] = made = self._make(dialect)
        return made


class Registry:
    """The messages of all generated modules that were imported, and the well-known ones."""

    def __init__(self) -> None:
        self._specs: dict[str, MessageSpec] = {}

    def add(self, spec: MessageSpec) -> None:
        self._specs[spec.full_name] = spec

    def find(self, full_name: str) -> MessageSpec:
        """Raises LookupError for a message whose generated module was not imported."""
        try:
            return self._specs[full_name]
        except KeyError:
            if full_name.startswith("google.protobuf."):
                from samewire_wire import _well_known_specs

                _well_known_specs.register(self)
                if full_name in self._specs:
                    return self._specs[full_name]
            raise LookupError(f"no generated module with the message {full_name} is imported") from None

    def files(self) -> list[WireFile]:
        """The generated modules that were imported."""
        return list({spec.file.module: spec.file for spec in self._specs.values() if spec.file.name}.values())

    def __contains__(self, full_name: str) -> bool:
        return full_name in self._specs

    def __iter__(self) -> Any:
        return iter(self._specs.values())


registry = Registry()
