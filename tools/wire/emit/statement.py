"""How one key of an object is written: as an expression where it is always there, else as statements."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """One key. `always`: the expression of its value, when the key is always there; else `lines`."""

    key: str
    always: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class States:
    """The states beside a value that an attribute can be in. `missing`: the name of MISSING, or "". `finite`: what to
    call with a number that is not finite, or ""."""

    missing: str
    none: bool
    finite: str

    @property
    def any(self) -> bool:
        return bool(self.missing) or self.none or bool(self.finite)

    def expression(
        self, key: str, value: str, written: str, if_null: tuple[str, ...], if_missing: tuple[str, ...]
    ) -> str:
        """What to write for `value` in any state; "" when there is a state in which the key is left out."""
        choices: list[tuple[str, str]] = []  # what to write, and when
        for state, action in (("None" if self.none else "", if_null), (self.missing, if_missing)):
            if not state:
                continue
            if not action:
                return ""
            choices.append((action[0].removeprefix(f"d[{key!r}] = "), f"v is {state}"))
        if written == "v" and not self.finite:
            choices = [choice for choice in choices if choice != ("None", "v is None")]
        if len(choices) == 2 and choices[0][0] == choices[1][0]:
            choices = [(choices[0][0], f"{choices[0][1]} or {choices[1][1]}")]
        if self.finite:
            # NaN - NaN and inf - inf are NaN, which is true; all else is 0.0.
            choices.append((self.finite, "v - v"))
        if not choices:
            return value
        result, test = choices[0]
        choices[0] = result, f"(v := {value}){test.removeprefix('v')}"
        return "".join(f"{result} if {test} else " for result, test in choices) + written

    def lines(self, key: str, written: str, if_null: tuple[str, ...], if_missing: tuple[str, ...]) -> tuple[str, ...]:
        """Writes `v`, or does what there is to do in the other states."""
        put = [f"d[{key!r}] = {written}"]
        if self.finite:
            # NaN - NaN and inf - inf are NaN, which is true; all else is 0.0.
            put = ["if v - v:", f"    {self.finite}", *put]
        result: list[str] = []
        silent = []
        for state, action in (("None", if_null if self.none else None), (self.missing, if_missing)):
            if action is None or not state:
                continue
            if action:
                result += [f"{'el' if result else ''}if v is {state}:", *(f"    {line}" for line in action)]
            else:
                silent.append(f"v is not {state}")
        if written == "v" and not self.finite and len(result) == 2 and result[1].strip() == f"d[{key!r}] = None":
            # None is written as it is.
            return (f"if {' and '.join(silent)}:", f"    {put[0]}") if silent else tuple(put)
        if silent:
            result += [f"{'el' if result else ''}if {' and '.join(silent)}:", *(f"    {line}" for line in put)]
        elif result:
            result += ["else:", *(f"    {line}" for line in put)]
        else:
            result = put
        return tuple(result)
