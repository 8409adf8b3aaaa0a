"""What the three generations of Tinker clients do differently: facts of tinker.md sections 3 and 4, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Dialect:
    """One generation. Where the seeds are silent, tinkex is as 0.4.1."""

    name: str
    sdk_version: str
    chunk_len: int
    """Data of one chunk, at most."""
    chunk_size: int
    """Of one chunk, in `chunk_unit`, but for a single datum that is larger by itself."""
    chunk_unit: Literal["numbers", "bytes"]
    chunks_parallel: bool
    """The promises of a call's chunks do not wait for one another; the first chunk goes last."""
    empty_call: bool
    """A call without data gives an empty output; else it is refused."""
    unique_from: int
    """Suffix of the second value of a `unique` metric."""
    hash_reduction: Literal["hash_unordered", "hash2"]
    retried_statuses: frozenset[int]
    """Besides 500 and above."""
    retries_connection: bool
    retry_after_statuses: frozenset[int] | None
    """Whose Retry-After counts. None: of all that are retried."""
    envelope: bool
    """Results come as {"status": …}."""
    folds_category: bool
    """"User" is read as "user"."""
    retries_failed: bool
    """A request that failed by no fault of the user's is asked for again."""
    binary: bool
    """Training and results in protobuf, as JSON is too slow for them."""
    billing: bool
    """402 is an error of its own, and waited for."""
    casts_tensors: bool
    """Values become those of their dtype, not only its label."""
    image_tokens: Literal["tokens", "expected_tokens"]
    path_kinds: tuple[str, ...]
    """Second segments of tinker:// paths."""
    key_prefixes: tuple[str, ...]
    """Of API keys. None: any."""


_OLD_STATUSES = frozenset({408, 409, 429})

OLD = Dialect(
    name="tinker-0.4.1",
    sdk_version="0.4.1",
    chunk_len=128,
    chunk_size=500_000,
    chunk_unit="numbers",
    chunks_parallel=False,
    empty_call=True,
    unique_from=1,
    hash_reduction="hash_unordered",
    retried_statuses=_OLD_STATUSES,
    retries_connection=True,
    retry_after_statuses=None,
    envelope=False,
    folds_category=False,
    retries_failed=False,
    binary=False,
    billing=False,
    casts_tensors=False,
    image_tokens="tokens",
    path_kinds=("weights", "sampler_weights"),
    key_prefixes=(),
)
NEW = Dialect(
    name="tinker-0.38",
    sdk_version="0.38.0",
    chunk_len=1024,
    chunk_size=5_000_000,
    chunk_unit="bytes",
    chunks_parallel=True,
    empty_call=False,
    unique_from=1,
    hash_reduction="hash2",
    retried_statuses=_OLD_STATUSES,
    retries_connection=True,
    retry_after_statuses=None,
    envelope=False,
    folds_category=False,
    retries_failed=False,
    binary=True,
    billing=True,
    casts_tensors=True,
    image_tokens="expected_tokens",
    path_kinds=("weights", "sampler_weights", "external_weights"),
    key_prefixes=("tml-", "eyJ"),
)
TINKEX = Dialect(
    name="tinkex",
    sdk_version="0.4.1",
    chunk_len=128,
    chunk_size=500_000,
    chunk_unit="numbers",
    chunks_parallel=False,
    empty_call=True,
    unique_from=2,
    hash_reduction="hash_unordered",
    retried_statuses=frozenset({408, 429}),
    retries_connection=False,
    retry_after_statuses=frozenset({429}),
    envelope=True,
    folds_category=True,
    retries_failed=True,
    binary=False,
    billing=False,
    casts_tensors=True,
    image_tokens="tokens",
    path_kinds=("weights", "sampler_weights"),
    key_prefixes=(),
)
_ALL = {dialect.name: dialect for dialect in (OLD, NEW, TINKEX)}
DIALECTS = tuple(_ALL)


def find(name: str) -> Dialect:
    """Raises ValueError for a name that is none of DIALECTS."""
    try:
        return _ALL[name]
    except KeyError:
        raise ValueError(f"there is no dialect {name!r}; there are {', '.join(DIALECTS)}") from None
