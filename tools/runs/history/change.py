"""Changes to what is kept: another name for a case, and forgetting single results that are old."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tools.runs.history.database import Database
from tools.runs.history.recent import LAYOUT, unpack
from tools.runs.history.recording import BOTH, clean, digest, identity
from tools.runs.record import RECENT, CaseId

RUNS_AT_ONCE = 20  # are pruned in one transaction: others want to write, too


class NothingThere(LookupError):
    """No case has the name."""


def days(text: str) -> float:
    """`180d` in seconds. Raises ValueError."""
    number = text.removesuffix("d")
    if not (text.endswith("d") and number.isascii() and number.isdigit() and len(number) < 6):
        raise ValueError(f"{text[:40]!r} is no age in days; write e.g. 180d")
    return int(number) * 86400.0


def rename(database: Database, old: str, new: str) -> int:
    """Lets cases go on under another name; reports that still have the old one count for the new one.

    `old` and `new` are labels, folders `//pkg/...`, or whole cases as str(CaseId) writes them. Where a class name says
    the old folder with dots, it changes, too. Results that already came under the new name are joined with the old.

    Returns:
        How many cases were renamed.

    Raises:
        NothingThere: no case is called `old`.
    """
    with database.writing():
        cases = [
            (number, CaseId(*parts))
            for number, *parts in database.rows("SELECT number, label, classname, name, parameters FROM test")
        ]
        moves = [(number, case, to) for number, case in cases if (to := renamed(case, old, new)) is not None]
        if not moves:
            raise NothingThere(f"{database.where}: no case, label or folder is called {old[:200]!r}")
        for number, case, to in moves:
            _move(database, number, case, to)
    return len(moves)


def renamed(case: CaseId, old: str, new: str) -> CaseId | None:
    """What the case is called from now on, None where the change is not about it."""
    if str(case) == old and case.label != old:
        words = new.split(" ", sum(map(bool, (case.label, case.classname, case.full_name))) - 1)
        label = words.pop(0)
        name = words.pop() if words else ""
        return CaseId.of(label, words[0] if words else "", name)
    if old.endswith("/...") and new.endswith("/..."):
        before, after = old.removesuffix("/..."), new.removesuffix("/...")
        if not case.label.startswith((before + "/", before + ":")):
            return None
        label = after + case.label[len(before) :]
    elif case.label == old:
        label = new
    else:
        return None
    before, after = _dotted(case.label), _dotted(label)
    classname = case.classname
    if before and (classname == before or classname.startswith(before + ".")):
        classname = after + classname[len(before) :]
    return replace(case, label=label, classname=classname)


def _dotted(label: str) -> str:
    return label.partition(":")[0].rpartition("//")[2].replace("/", ".")


def _move(database: Database, number: int, case: CaseId, to: CaseId) -> None:
    if to == case:
        return
    # The new name is nobody's second name any more.
    database.execute("DELETE FROM alias WHERE digest = ?", (identity(to),))
    found = database.one("SELECT number FROM test WHERE digest = ?", (identity(to),))
    if found is None:
        database.execute(
            "UPDATE test SET digest = ?, label_digest = ?, label = ?, classname = ?, name = ?, parameters = ? "
            "WHERE number = ?",
            (identity(to), digest(to.label), *map(clean, (to.label, to.classname, to.name, to.parameters)), number),
        )
    else:
        _join(database, number, found[0])
        number = found[0]
    database.execute("DELETE FROM alias WHERE digest = ?", (identity(case),))
    database.execute("INSERT INTO alias VALUES (?, ?)", (identity(case), number))


def _join(database: Database, old: int, new: int) -> None:
    """All of one case to another."""
    database.execute(
        "UPDATE result SET test = ?, ordinal = ordinal + (SELECT coalesce(max(other.ordinal) + 1, 0) "
        "FROM result AS other WHERE other.run = result.run AND other.test = ?) "
        "WHERE test = ? AND run IN (SELECT number FROM run)",
        (new, new, old),
    )
    both = 0
    for key, seen, other in list(
        database.rows(
            "SELECT mine.input_key, mine.seen, other.seen FROM key_outcome AS mine LEFT JOIN key_outcome AS other "
            "ON other.input_key = mine.input_key AND other.test = ? WHERE mine.test = ?",
            (new, old),
        )
    ):
        if other is None:
            database.execute("UPDATE key_outcome SET test = ? WHERE input_key = ? AND test = ?", (new, key, old))
            continue
        # A key that proved each of them proves the one case once.
        both += (seen | other == BOTH) - (seen == BOTH) - (other == BOTH)
        database.execute("UPDATE key_outcome SET seen = ? WHERE input_key = ? AND test = ?", (seen | other, key, new))
        database.execute("DELETE FROM key_outcome WHERE input_key = ? AND test = ?", (key, old))
    sums = (
        "trials, reds, contradictions, contradiction, first_seen, last_seen, last, seconds, node, streaks, lone, greens"
    )
    one, two = (database.one(f"SELECT recent, {sums} FROM standing WHERE test = ?", (number,)) for number in (old, new))
    assert one is not None and two is not None
    placed: dict[int, float] = dict(database.rows("SELECT number, placed FROM run"))
    trials = sorted(
        (trial for row in (one, two) for trial in unpack(row[0])), key=lambda trial: (placed[trial[0]], trial[0])
    )
    newest, older = (two, one) if two[6] >= one[6] else (one, two)
    reds = [trial[6] for trial in trials]
    greens = reds[::-1].index(1) if 1 in reds else one[12] + two[12]
    joined = (
        *(one[1] + two[1], one[2] + two[2], one[3] + two[3] + both, newest[4] or older[4]),
        *(min(one[5], two[5]), newest[6], newest[7], one[8] + two[8], newest[9] or older[9]),
        *(one[10] + two[10], one[11] + two[11], greens),
    )
    database.execute(
        "UPDATE standing SET recent = ?, " + ", ".join(f"{name} = ?" for name in sums.split(", ")) + " WHERE test = ?",
        (b"".join(LAYOUT.pack(*trial) for trial in trials[-RECENT:]), *joined, new),
    )
    database.execute("UPDATE alias SET test = ? WHERE test = ?", (new, old))
    for table, column in (("standing", "test"), ("test", "number")):
        database.execute(f"DELETE FROM {table} WHERE {column} = ?", (old,))


def prune(database: Database, age: float, now: float) -> int:
    """Forgets results of runs that are older than so many seconds; gives how many.

    Runs with their counts, standings with their newest trials and contradictions stay. What is forgotten with the
    results: their messages, and which outcomes input keys had that no run used since.
    """
    old = [number for (number,) in database.rows("SELECT number FROM run WHERE placed < ?", (now - age,))]
    gone = 0
    for runs in _parts(old, RUNS_AT_ONCE):
        with database.writing():
            for run in runs:
                found = database.one("SELECT count(*) FROM result WHERE run = ?", (run,))
                gone += found[0] if found else 0
                database.execute("DELETE FROM result WHERE run = ?", (run,))
    if gone:
        with database.writing():
            database.execute("DELETE FROM failure WHERE number NOT IN (SELECT failure FROM result)")
            database.execute("DELETE FROM key_outcome WHERE input_key NOT IN (SELECT input_key FROM result)")
    return gone


def _parts(numbers: list[int], size: int) -> Iterator[Iterable[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
