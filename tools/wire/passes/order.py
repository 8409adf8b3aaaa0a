"""The order of messages: one comes after those that it holds; where they hold each other, in file order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def components(edges: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Strongly connected components, those that are pointed at first (Tarjan's algorithm, without recursion).

    `edges`: from each node to the nodes that it holds; nodes that are no key are left out. Names within a component
    stand in the order of `edges`.
    """
    position = {name: index for index, name in enumerate(edges)}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    result: list[tuple[str, ...]] = []
    for root in edges:
        if root in index:
            continue
        work = [(root, iter(edges[root]))]
        while work:
            node, held = work[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
            for each in held:
                if each not in position:
                    continue
                if each not in index:
                    work.append((each, iter(edges[each])))
                    break
                if each in on_stack:
                    low[node] = min(low[node], index[each])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    at = stack.index(node)
                    component = stack[at:]
                    del stack[at:]
                    on_stack.difference_update(component)
                    result.append(tuple(sorted(component, key=position.__getitem__)))
    return result
