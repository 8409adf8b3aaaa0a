"""Names of models: [host/][namespace/]model[:tag] (bridge_tinyllm_ollama.md C1)."""

from __future__ import annotations

import re
from dataclasses import dataclass

HOST = "registry.ollama.ai"
NAMESPACE = "library"
TAG = "latest"

_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}")
_NAMESPACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}")
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_PARTS = ((_HOST, "host"), (_NAMESPACE, "namespace"), (_PART, "model"), (_PART, "tag"))


@dataclass(frozen=True, slots=True)
class Name:
    """A name with all its parts."""

    host: str
    namespace: str
    model: str
    tag: str

    @classmethod
    def parse(cls, text: str) -> Name | None:
        """None where it is no name."""
        _, scheme, rest = text.rpartition("://")
        if not scheme:
            rest = text
        path, *more = rest.rsplit("/", 2)[::-1]
        model, colon, tag = path.partition(":")
        host = more[1] if len(more) == 2 else HOST
        namespace = more[0] if more else NAMESPACE
        name = cls(host, namespace, model, tag if colon else TAG)
        return name if all(pattern.fullmatch(getattr(name, part)) for pattern, part in _PARTS) else None

    @property
    def key(self) -> str:
        """Names that differ in case only are the same."""
        return self.full.lower()

    @property
    def full(self) -> str:
        return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"

    @property
    def short(self) -> str:
        """Without what is usual; the tag always stands."""
        usual = (HOST, NAMESPACE)
        if (self.host, self.namespace) == usual:
            return f"{self.model}:{self.tag}"
        if self.host == HOST:
            return f"{self.namespace}/{self.model}:{self.tag}"
        return self.full
