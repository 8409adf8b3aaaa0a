"""What a tester told the model to say, and how it is to fail."""

from __future__ import annotations

from ollama.mock.v1.mock_wire import Failures, OllamaSettings, PromptError, Response

from mock.engine.backend import Refusal
from mock.ollama import refusal

_BUSY_STATUS = 503


class Script:
    """`latency_s`, `load_s`, `token_s`: seconds on the session's clock before an answer, for a load, for each token."""

    def __init__(self) -> None:
        self.latency_s = self.load_s = self.token_s = 0.0
        self._responses: list[Response] = []
        self._errors: list[PromptError] = []
        self._failures: Failures | None = None
        self._left = 0

    def change(self, settings: OllamaSettings) -> None:
        if settings.forget:
            self.__init__()  # type: ignore[misc]
        self._responses += settings.responses
        self._errors += settings.errors
        if settings.failures is not None:
            self._failures = settings.failures if settings.failures.enabled is not False else None
            self._left = settings.failures.max_fails or 0
        self.latency_s = _said(settings.latency_s, self.latency_s)
        self.load_s = _said(settings.load_s, self.load_s)
        self.token_s = _said(settings.token_s, self.token_s)

    def check(self, prompt: str) -> None:
        """Raises the Refusal that a request to a model is to get now; counts failures."""
        failures = self._failures
        if failures is not None:
            if failures.max_fails:
                self._left -= 1
                if self._left == 0:
                    self._failures = None
            text = refusal.BUSY if failures.error is None else failures.error
            raise _error(failures.status or _BUSY_STATUS, text, failures.plain)
        for error in reversed(self._errors):
            if error.prompt == prompt:
                raise _error(error.status or 500, error.error, error.plain)

    def response(self, model: str, prompt: str) -> Response | None:
        for each in reversed(self._responses):
            if each.prompt == prompt and each.model in (None, model):
                return each
        return None


def _said(value: float | None, usual: float) -> float:
    return usual if value is None else value


def _error(status: int, text: str, plain: bool | None) -> Refusal:
    return Refusal(status, text) if plain else refusal.native(status, text)
