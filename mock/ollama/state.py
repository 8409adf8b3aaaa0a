"""What one session of the mock knows."""

from __future__ import annotations

from ollama.mock.v1.mock_wire import OllamaSettings

from mock.engine.clock import Clock
from mock.ollama import refusal
from mock.ollama.blobs import Blobs
from mock.ollama.library import Library, StoredModel
from mock.ollama.memory import Memory
from mock.ollama.names import Name
from mock.ollama.script import Script

VERSION = "0.17.4"


class State:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.library = Library(clock.now())
        self.memory = Memory(clock)
        self.blobs = Blobs()
        self.script = Script()
        self.version = VERSION
        self.check_host = True

    def change(self, settings: OllamaSettings) -> None:
        """All or nothing. Raises Refusal 400 for what is no name of a model."""
        for name in (*(each.name for each in settings.models), *settings.remove_models, *settings.unavailable):
            if Name.parse(name) is None:
                raise refusal.native(
                    400, f"{refusal.quoted(name)} is no name of a model: [host/][namespace/]model[:tag]"
                )
        for spec in settings.models:
            self.library.add(spec, self.clock.now())
        for text in settings.remove_models:
            if gone := Name.parse(text):
                self.remove(gone)
        self.library.unavailable |= {each.key for text in settings.unavailable if (each := Name.parse(text))}
        if settings.strict_models is not None:
            self.library.strict = settings.strict_models
        if settings.version is not None:
            self.version = settings.version
        if settings.check_host is not None:
            self.check_host = settings.check_host
        self.script.change(settings)

    def remove(self, name: Name) -> StoredModel | None:
        """From disk and memory; what it was."""
        found = self.library.find(name)
        if found is not None:
            self.memory.unload(found)
            self.library.remove(name)
        return found
