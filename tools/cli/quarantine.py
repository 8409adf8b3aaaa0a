"""`samewire quarantine`: the reviewed list of flaky cases, read and changed without losing a comment."""

from __future__ import annotations

import json as jsonlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pytest_samewire.pattern import matches, too_broad

from tools.runs import history, quarantine
from tools.runs.bazel import workspace
from tools.runs.exit import Exit
from tools.runs.flakes.owners import Owners, place
from tools.runs.flakes.survey import Judged, survey
from tools.runs.quarantine import Entry, Quarantine, Refused, edit
from tools.runs.record import Standing

app = typer.Typer(
    help="Flaky cases that run and are masked: quarantine.yaml.", no_args_is_help=True, rich_markup_mode=None
)

DAYS = 30  # how long a new entry counts unless told otherwise
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Owner = Annotated[str, typer.Option(help="Who makes it well.")]
Until = Annotated[str, typer.Option(help="The last day that it counts: 2027-01-31, or 14d from today.")]


@app.command("list", epilog="Example: samewire quarantine list --json")
def list_(json: Json = False) -> None:
    """List the entries, those first whose time ends first.

    Exits with 1 where one is past its day or too far from it, 2 where the file is wrong.
    """
    held = _read()
    findings = {finding.at: finding for finding in held.mask([]).findings}
    entries = sorted(held.entries, key=lambda entry: entry.until)
    if json:
        print(jsonlib.dumps([_record(entry, held.today) for entry in entries], indent=2, ensure_ascii=False))
    else:
        for entry in entries:
            left = (entry.until - held.today).days
            print(f"{entry.at}: {', '.join(entry.cases)}")
            print(f"    {entry.reason} ({entry.owner}{f', {entry.issue}' if entry.issue else ''})")
            print(f"    until {entry.until}: " + (f"{left} days left" if left >= 0 else f"over for {-left} days"))
        print(f"{len(entries)} quarantined" if entries else "nothing is quarantined")
        for finding in findings.values():
            typer.echo(str(finding), err=True)
    raise typer.Exit(Exit.FINDINGS if findings else Exit.GOOD)


@app.command(
    epilog="Example: samewire quarantine add 'net/net_test.py::test_reconnects[*]' --reason 'slow' --owner wire"
)
def add(
    cases: Annotated[list[str], typer.Argument(metavar="CASE...", help="A node id, or '//label place name'; with *.")],
    reason: Annotated[str, typer.Option(help="What goes wrong, and what is known of it.")],
    owner: Owner,
    until: Until = f"{DAYS}d",
    issue: Annotated[str, typer.Option(help="Where it is worked on.")] = "",
    failure: Annotated[str, typer.Option(help="Mask failures only whose text has this part.")] = "",
    passes: Annotated[int, typer.Option(min=1, help="So many passes in a row end it.")] = quarantine.PASSES,
) -> None:
    """Add an entry at the end of the list. Exits with 2 where it may not stand there."""
    held = _read()
    for case in cases:
        if why := too_broad(case):
            _misuse(f"{case!r} is too broad: {why}")
    entry = Entry(tuple(cases), reason, owner, _day(until, held.today), issue, failure, passes)
    if entry.until < held.today:
        _misuse(f"--until {until}: is over already")
    _change(lambda text: edit.add(text, entry, _path().name))
    print(f"{_path().name}: {', '.join(cases)} quarantined until {entry.until}")
    known = list(_standings())
    for case in cases:
        if known and not any(_is(case, standing) for standing in known):
            typer.echo(f"samewire quarantine add: {case} matches no case in the history: is it spelt right?", err=True)


@app.command(
    epilog="Example: samewire quarantine expire; samewire quarantine expire 'net/net_test.py::test_reconnects[*]'"
)
def expire(
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="[CASE...]", help="Patterns as the list has them.")
    ] = None,
) -> None:
    """Take out entries: those past their day, or those that have the given patterns; their failures count again.

    Exits with 2 where no entry has such a pattern.
    """
    held = _read()
    for case in cases or []:
        if not any(case in entry.cases for entry in held.entries):
            _misuse(f"no entry of {_path().name} has the pattern {case!r}: ./samewire quarantine list")
    wanted = set(cases or [])
    numbers = [
        number
        for number, entry in enumerate(held.entries)
        if (wanted & set(entry.cases) if wanted else entry.until < held.today)
    ]
    _change(lambda text: edit.remove(text, numbers, _path().name))
    for number in numbers:
        print(f"taken out: {', '.join(held.entries[number].cases)} ({held.entries[number].reason})")
    if not numbers:
        print("no entry is past its day")


@app.command(epilog="Example: samewire quarantine suggest; samewire quarantine suggest --write --owner wire")
def suggest(
    write: Annotated[bool, typer.Option("--write", help="Add the entries; otherwise nothing is written.")] = False,
    owner: Annotated[str, typer.Option(help="Who makes them well, where CODEOWNERS does not say.")] = "",
    until: Until = f"{DAYS}d",
    json: Json = False,
) -> None:
    """Say which flakes should be quarantined, from what the history says of them.

    Exits with 1 where there are any that are not in the list, 2 where an entry would have no owner.
    """
    held = _read()
    flakes = [each for each in _survey() if each.judgement.held() and not _listed(held, each.standing)]
    owners = Owners.of(workspace())
    entries = [_entry(each, owners, owner, _day(until, held.today)) for each in flakes]
    if write:
        for entry in entries:
            if not entry.owner:
                _misuse(f"nobody owns {entry.cases[0]}: say --owner, or who does in CODEOWNERS")

        def every(text: str) -> str:
            for entry in entries:
                text = edit.add(text, entry, _path().name)
            return text

        _change(every)
    if json:
        print(jsonlib.dumps([_record(entry, held.today) for entry in entries], indent=2, ensure_ascii=False))
    else:
        for entry in entries:
            print(f"{entry.cases[0]}\n    {entry.reason} ({entry.owner or 'nobody owns it'})")
        words = "added, " if write else "would be added by --write, "
        print(f"{len(entries)} {words}until {_day(until, held.today)}" if entries else "no flake is to be quarantined")
    raise typer.Exit(Exit.GOOD if write or not entries else Exit.FINDINGS)


def _path() -> Path:
    return workspace() / "quarantine.yaml"


def _read() -> Quarantine:
    try:
        return quarantine.read(_path(), datetime.now(UTC).date())
    except Refused as refused:
        _misuse(*refused.problems)


def _change(change: Any) -> None:
    path = _path()
    try:
        old = path.read_bytes().decode() if path.exists() else ""
        new = change(old)
    except Refused as refused:
        _misuse(*refused.problems)
    if new != old:
        edit.write(path, new)


def _misuse(*lines: str) -> NoReturn:
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(Exit.MISUSE)


def _day(text: str, today: date) -> date:
    if days := re.fullmatch(r"(\d{1,3})d", text):
        return today + timedelta(days=int(days[1]))
    try:
        return date.fromisoformat(text)
    except ValueError:
        _misuse(f"--until {text}: write a day, 2027-01-31, or how many from today, 14d")


def _record(entry: Entry, today: date) -> dict[str, Any]:
    return {
        "cases": list(entry.cases),
        "reason": entry.reason,
        "owner": entry.owner,
        "issue": entry.issue,
        "until": entry.until.isoformat(),
        "days_left": (entry.until - today).days,
        "failure": entry.failure,
        "passes": entry.passes,
        "at": entry.at if entry.line else "",
    }


def _standings() -> Iterator[Standing]:
    """What the history knows; nothing where there is none."""
    where = history.location(workspace())
    if history.is_url(where) or Path(where).exists():
        with history.open(where) as past:
            yield from past.standings()


def _survey() -> Sequence[Judged]:
    """Raises RuntimeError where there is no history."""
    where = history.location(workspace())
    if not history.is_url(where) and not Path(where).exists():
        raise RuntimeError(f"no history yet at {where}: ./samewire check makes it, ./samewire import reads other CI's")
    with history.open(where) as past:
        return survey(past).judged


def _is(pattern: str, standing: Standing) -> bool:
    return any(matches(pattern, name) for name in _names(standing))


def _names(standing: Standing) -> Iterable[str]:
    return (name for name in (str(standing.case), standing.node) if name)


def _listed(held: Quarantine, standing: Standing) -> bool:
    return any(entry.pattern(*_names(standing)) is not None for entry in held.entries)


def _entry(each: Judged, owners: Owners, owner: str, until: date) -> Entry:
    """What would be added for one flake."""
    standing = each.standing
    return Entry(
        cases=(" ".join(str(standing.case).splitlines()),),
        reason=each.judgement.evidence,
        owner=owners.owner(place(standing.case.label, standing.node)) or owner,
        until=until,
    )
