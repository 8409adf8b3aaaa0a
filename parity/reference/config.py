"""What a client is told: by arguments, else by the environment, else by custom. Source: tinker.md sections 1, 3.9."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from parity.reference.dialect import NEW, Dialect
from parity.reference.retry import MAX_RETRIES

BASE_URL = "https://tinker.thinkingmachines.dev/services/tinker-prod"
TIMEOUT_S = 60.0


class NoKeyError(ValueError):
    """There is no API key, neither as argument nor in the environment."""


class BadKeyError(ValueError):
    """The API key is none that the service gives out."""


@dataclass(frozen=True)
class Config:
    """One client's; nothing is shared between clients, so that several keys work side by side."""

    dialect: Dialect
    base_url: str
    api_key: str
    timeout_s: float = TIMEOUT_S
    max_retries: int = MAX_RETRIES
    """Of one HTTP call, besides the first try."""
    tags: tuple[str, ...] = ()
    headers: Mapping[str, str | None] = field(default_factory=dict)
    user_metadata: Mapping[str, str] = field(default_factory=dict)
    telemetry: bool = True

    @property
    def tenant(self) -> tuple[str, str]:
        """Whom rate limits are shared with."""
        return self.base_url, self.api_key


def resolve(
    dialect: Dialect,
    env: Mapping[str, str],
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    timeout_s: float | None = None,
    max_retries: int | None = None,
    tags: tuple[str, ...] | None = None,
    headers: Mapping[str, str | None] | None = None,
    user_metadata: Mapping[str, str] | None = None,
    telemetry: bool | None = None,
) -> Config:
    """Arguments win over `env`. Raises NoKeyError, BadKeyError."""
    key = api_key if api_key is not None else env.get("TINKER_API_KEY")
    if not key:
        raise NoKeyError("no API key: give api_key, or set TINKER_API_KEY")
    if dialect.key_prefixes and not key.startswith(dialect.key_prefixes):
        raise BadKeyError(f"the API key has to start with {' or '.join(dialect.key_prefixes)}")
    told = env.get("TINKER_TAGS")
    base = base_url or env.get("TINKER_BASE_URL") or BASE_URL
    return Config(
        dialect=dialect,
        base_url=base.rstrip("/") if dialect is NEW else base,
        api_key=key,
        timeout_s=TIMEOUT_S if timeout_s is None else timeout_s,
        max_retries=MAX_RETRIES if max_retries is None else max_retries,
        tags=tags if tags is not None else _tags(told),
        headers=dict(headers or {}),
        user_metadata=dict(user_metadata or {}),
        telemetry=telemetry_enabled(env) if telemetry is None else telemetry,
    )


def _tags(told: str | None) -> tuple[str, ...]:
    """Between commas, each once; blanks belong to them."""
    return () if told is None else tuple(sorted(set(told.split(","))))


def telemetry_enabled(env: Mapping[str, str]) -> bool:
    """On, unless TINKER_TELEMETRY says otherwise. Source: tinker.md section 3.7."""
    return env.get("TINKER_TELEMETRY", "1").lower() in ("1", "true", "yes", "on")


def join(base: str, path: str) -> str:
    """The path behind the base's own: a prefix of the base is kept. A whole URL stays as it is."""
    if path.startswith(("http://", "https://")):
        return path
    return f"{base.rstrip('/')}/{path.lstrip('/')}"
