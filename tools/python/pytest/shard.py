"""Which shard of a target a case belongs to. Every shard works this out alone and comes to the same answer."""

import hashlib
import heapq
from collections.abc import Mapping, Sequence
from statistics import median


def split(nodes: Sequence[str], total: int, durations: Mapping[str, float] | None = None) -> list[list[str]]:
    """Cuts `nodes` (pytest node ids) into `total` parts, each in the given order; a part may be empty.

    With `durations` (node id → seconds) the longest case goes first, each to the shard with the least work so far
    (Graham's LPT rule: at most 4/3 of the best possible); a case without a record counts as the median of the others.
    Without, a hash of the node id decides, so a new case moves none of the old ones.
    """
    if durations:
        place = _balanced(nodes, total, durations)
    else:
        place = {node: int.from_bytes(hashlib.sha256(node.encode()).digest()[:8]) % total for node in nodes}
    parts: list[list[str]] = [[] for _ in range(total)]
    for node in nodes:
        parts[place[node]].append(node)
    return parts


def _balanced(nodes: Sequence[str], total: int, durations: Mapping[str, float]) -> dict[str, int]:
    unknown = median(durations.values())
    weight = {node: durations.get(node, unknown) for node in nodes}
    loads = [(0.0, index) for index in range(total)]
    place: dict[str, int] = {}
    for node in sorted(nodes, key=lambda node: (-weight[node], node)):
        load, index = heapq.heappop(loads)
        place[node] = index
        heapq.heappush(loads, (load + weight[node], index))
    return place
