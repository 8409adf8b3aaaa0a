"""Words for people: whatever a test put into its name or message stays on its line and moves no cursor."""

from __future__ import annotations

import time

WIDTH = 160  # characters of a name or a message that are shown
OUTCOMES = ("passed", "failed", "error", "timeout", "skipped", "xfailed")


def line(text: str, most: int) -> str:
    """One line of at most `most` characters; what is no printable character is escaped."""
    if len(text) > 2 * most:
        text = text[:most] + "\0" + text[-most:]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else "…" if c == "\0" else repr(c)[1:-1] for c in text)
    if len(text) > most:
        half = (most - 1) // 2
        text = f"{text[: most - 1 - half]}…{text[-half:]}"
    return text


def case(label: str, classname: str, name: str, parameters: str) -> str:
    """As str(CaseId)."""
    full = f"{name}[{parameters}]" if parameters else name
    return " ".join(part for part in (label, classname, full) if part)


def duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def moment(when: float) -> str:
    """Local time."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(when))
    except (OverflowError, ValueError, OSError):
        return "at no time"


def ago(seconds: float) -> str:
    if seconds < 0:
        return "in the future"
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def strip(reds: bytes, most: int = 20) -> str:
    """`PPFPP`: the newest trials, oldest first."""
    return "".join("F" if red else "P" for red in reds[-most:])


def trend(seconds: list[float]) -> str:
    """Whether the newest fifth of ten or more takes longer or shorter than the rest: by a quarter and 50 ms."""
    fresh = len(seconds) // 5
    if fresh < 2:
        return "steady"
    new, old = median(seconds[-fresh:]), median(seconds[:-fresh])
    if abs(new - old) < max(0.05, 0.25 * old):
        return "steady"
    return "slower" if new > old else "faster"


def median(figures: list[float]) -> float:
    """As statistics.median, whose import takes longer than all the rest."""
    figures = sorted(figures)
    half = len(figures) // 2
    return figures[half] if len(figures) % 2 else (figures[half - 1] + figures[half]) / 2
