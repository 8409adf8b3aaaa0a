"""The newest trials of a case, packed into bytes: a standing is read whole, so its trials must not cost a row each."""

from __future__ import annotations

import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# run, input key, signature (numbers of rows), seconds, started, attempt, red. The last byte is red: no unpacking.
LAYOUT = struct.Struct("<IIIfdHB")
SIZE = LAYOUT.size

# As in the tuple's order: run, key, signature, seconds, started, attempt, red.
Packed = tuple[int, int, int, float, float, int, int]


def unpack(recent: bytes) -> Iterator[Packed]:
    """Oldest first."""
    return LAYOUT.iter_unpack(recent)
