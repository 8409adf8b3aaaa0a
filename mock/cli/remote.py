"""The commands that talk to a running mock, and the one that looks at a scenario file without any."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock.cli.exit import Exit
from mock.client.client import DEFAULT, MockClient
from mock.client.error import MockError, MockUnreachable
from mock.client.text import verdict_text

if TYPE_CHECKING:
    from mock.engine.engine import Engine


def run(words: argparse.Namespace) -> Exit:
    try:
        if words.command == "verify":
            return _verify(words)
        return _stubs(words)
    except MockUnreachable as error:
        return _say(str(error), Exit.COULD_NOT_RUN)
    except MockError as error:
        return _say(str(error), Exit.MISUSE)


def _client(words: argparse.Namespace) -> MockClient:
    return MockClient(words.url, words.session, token=words.token or os.environ.get("SAMEWIRE_MOCK_TOKEN"))


def _verify(words: argparse.Namespace) -> Exit:
    text = words.verification
    try:
        wanted = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return _say(f"{text}: no JSON and no file with JSON: {error}", Exit.MISUSE)
    verdict = _client(words).verdict(wanted)
    _print(verdict, words, verdict_text(verdict))
    return Exit.GOOD if verdict["ok"] else Exit.FINDINGS


def _stubs(words: argparse.Namespace) -> Exit:
    from mock.engine.stubs.files import ScenarioError, read_scenario

    if words.action == "check":
        from mock.cli.serve import load
        from mock.engine.api import Apis
        from mock.engine.engine import Engine

        words.command = words.api or ""
        try:
            ids = asyncio.run(_check(Engine(Apis(load(words, []))), words.file))
        except ScenarioError as error:
            return _say(str(error), Exit.FINDINGS)
        print(f"{words.file}: {len(ids)} stubs, all right")
        return Exit.GOOD
    client = _client(words)
    if words.action == "add":
        try:
            scenario = read_scenario(words.file)
        except ScenarioError as error:
            return _say(str(error), Exit.MISUSE)
        ids = client.load(json.loads(scenario.to_wire()))
        _print({"ids": ids}, words, "\n".join(ids))
    elif words.action == "list":
        stubs = client.stubs()
        _print({"stubs": stubs}, words, "\n".join(json.dumps(each, ensure_ascii=False) for each in stubs))
    elif words.action == "remove":
        client.remove_stub(words.id)
    else:
        client.clear_stubs()
    return Exit.GOOD


async def _check(engine: Engine, file: Path) -> list[str]:
    from mock.cli.serve import configure

    try:
        return await configure(engine.session(DEFAULT), file, None)
    finally:
        await engine.close()


def _print(value: Any, words: argparse.Namespace, text: str) -> None:
    print(json.dumps(value, ensure_ascii=False) if words.json else text)


def _say(text: str, code: Exit) -> Exit:
    print(f"samewire mock: {text}", file=sys.stderr)
    return code
