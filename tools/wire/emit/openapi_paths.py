"""Paths of google.api.http as OpenAPI has them: a variable of OpenAPI is one segment, and has no pattern.

`{checkpoint_id=*/*}` becomes `{checkpoint_id_1}/{checkpoint_id_2}`, `{name=things/*}` becomes `things/{name}`,
`{order.id}` becomes `{order_id}`: tools take a dot for an attribute. A `**`, any number of segments, becomes one
variable, whose slashes a client has to leave as they are.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from tools.wire.emit.routes import VARIABLE

_STARS = re.compile(r"\*\*?")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of an OpenAPI path. `field`: path of the request's field, "" for a wildcard that has none.

    `pattern`: what the whole field looks like, with the names of its variables in place of the wildcards.
    """

    name: str
    field: str
    pattern: str
    slashes: bool

    @property
    def whole(self) -> bool:
        """Its value is the field's."""
        return self.pattern == f"{{{self.name}}}"


def convert(template: str) -> tuple[str, list[Variable]]:
    """The OpenAPI path of a template, and its variables in order."""
    text, end = "", 0
    variables: list[Variable] = []
    for found in VARIABLE.finditer(template):
        for piece, field in ((template[end : found.start()], ""), (found[2] or "*", found[1])):
            text += _named(piece, field, variables)
        end = found.end()
    return text + _named(template[end:], "", variables), variables


def hierarchy(path: str) -> str:
    """An OpenAPI path without the names of its variables: two that are alike here are one path there."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


def renamed(path: str, variables: list[Variable], other: str) -> list[Variable]:
    """The variables with the names that they have in another path of the same hierarchy."""
    names = dict(zip(re.findall(r"\{([^{}]*)\}", path), re.findall(r"\{([^{}]*)\}", other), strict=True))
    return [
        Variable(
            names[each.name],
            each.field,
            re.sub(r"\{([^{}]*)\}", lambda found: f"{{{names[found[1]]}}}", each.pattern),
            each.slashes,
        )
        for each in variables
    ]


def _named(piece: str, field: str, variables: list[Variable]) -> str:
    stars = _STARS.findall(piece)
    taken = {each.name for each in variables}
    stem = field.replace(".", "_") or "segment"
    names: list[str] = []
    for _ in stars:
        numbered = (f"{stem}_{number}" for number in itertools.count(1))
        wanted = itertools.chain([stem] if field and len(stars) == 1 else [], numbered)
        names.append(next(name for name in wanted if name not in {*taken, *names}))
    left = iter(names)
    text = _STARS.sub(lambda _: f"{{{next(left)}}}", piece)
    variables += [
        Variable(name, field, text if field else f"{{{name}}}", star == "**")
        for name, star in zip(names, stars, strict=True)
    ]
    return text
