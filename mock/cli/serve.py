"""The commands that are a server."""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

from mock.admin.api import admin_api
from mock.cli.exit import Exit
from mock.engine.api import Api, Apis
from mock.engine.backend import Refusal
from mock.engine.engine import Engine
from mock.engine.session import DEFAULT, Session, check_name
from mock.engine.stubs.error import StubError
from mock.engine.stubs.files import ScenarioError, line_of, read_faults, read_scenario
from mock.page.page import page
from mock.server.certificate import BadCertificate, generated, given
from mock.server.server import CannotListen, Listener, Server


class Misuse(ValueError):
    """The command can't be carried out as it was given; one line."""


def run(words: argparse.Namespace) -> Exit:
    keep: list[Any] = []  # what must live as long as the server
    try:
        apis = Apis(load(words, keep))
        listeners = _listeners(words)
        tls = _tls(words)
        token = words.token or os.environ.get("SAMEWIRE_MOCK_TOKEN")
        if token is None and any(not _loopback(each) for each in listeners):
            raise Misuse(
                f"--host {words.host} lets others in: say --token too (or SAMEWIRE_MOCK_TOKEN), or stay on loopback"
            )
        _check_ready_file(words.ready_file)
        engine = Engine(apis, seed=words.seed, journal_bytes=words.journal_bytes, token=token)
        engine.administer(admin_api(engine))
        engine.page = page
        _proxy(engine, words)
        with asyncio.Runner(loop_factory=_loop) as runner:
            return runner.run(_serve(engine, Server(engine, listeners, tls), words))
    except (Misuse, ScenarioError, BadCertificate, CannotListen) as error:
        print(f"samewire mock: {error}", file=sys.stderr)
        return Exit.MISUSE


def _proxy(engine: Engine, words: argparse.Namespace) -> None:
    """The upstream, and whether a recording of it can be written at the end."""
    if words.record is None and not words.proxy:
        return  # without httpx and YAML, which take as long as all else
    from mock.engine.proxy import record
    from mock.engine.proxy.upstream import Upstream

    try:
        if words.record is not None:
            record.check(words.record)
        if words.proxy:
            engine.upstream = Upstream(words.proxy)
    except ValueError as error:
        raise Misuse(str(error)) from None


def load(words: argparse.Namespace, keep: list[Any]) -> list[Api]:
    """The APIs that the command names. Raises Misuse."""
    if words.command == "tinker":
        from mock.tinker.api import api

        return [api()]
    if words.command == "ollama":
        from mock.ollama.api import api as ollama

        return [ollama()]
    if words.command == "serve":
        from mock.serve.definitions import BadDefinitions, generate
        from mock.serve.generated import GeneratedBackend

        try:
            folder, modules = generate(words.files, words.include)
        except BadDefinitions as error:
            raise Misuse(str(error)) from None
        keep.append(folder)
        return [Api("generated", modules, GeneratedBackend)]
    return []


def _loop() -> asyncio.AbstractEventLoop:
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _listeners(words: argparse.Namespace) -> list[Listener]:
    if words.unix and words.port:
        raise Misuse("--unix is a socket instead of a port: say --unix or --port")
    first = Listener(path=words.unix) if words.unix else Listener(words.host, words.port)
    further = []
    for each in words.session_port:
        name, _, port = each.partition("=")
        if not name or not port.isdigit() or int(port) > 65535:
            raise Misuse(f"--session-port {each}: say NAME=PORT, with 0 for a free port")
        try:
            check_name(name)
        except ValueError as error:
            raise Misuse(f"--session-port {each}: {error}") from None
        further.append(Listener(words.host, int(port), session=name))
    return [first, *further]


def _loopback(listener: Listener) -> bool:
    if listener.path is not None or listener.host == "localhost":
        return True
    try:
        return ipaddress.ip_address(listener.host).is_loopback
    except ValueError:
        return False


def _tls(words: argparse.Namespace) -> Any:
    if bool(words.cert) != bool(words.key):
        raise Misuse("--cert and --key go together")
    if words.cert:
        if words.tls or words.tls_write:
            raise Misuse("--tls makes a certificate, --cert and --key give one: say one of both")
        return given(words.cert, words.key)
    return generated(words.tls_write) if words.tls or words.tls_write else None


async def configure(session: Session, scenario: Path | None, faults: Path | None) -> list[str]:
    """What the files say; the ids of the stubs. Raises ScenarioError."""
    ids: list[str] = []
    for file in filter(None, [scenario, faults]):
        try:
            if file is scenario:
                ids = await session.load(read_scenario(file))
            else:
                session.set_faults(read_faults(file))
        except StubError as error:
            raise ScenarioError(file, line_of(file, error.path), error.path, error.reason) from None
        except Refusal as refusal:  # of settings
            raise ScenarioError(file, line_of(file, "$.backends"), "$.backends", str(refusal)) from None
    return ids


async def _serve(engine: Engine, server: Server, words: argparse.Namespace) -> Exit:
    if words.command == "replay":
        await configure(engine.session(DEFAULT), words.recording, None)
    await configure(engine.session(DEFAULT), words.scenario, words.faults)
    await server.start()
    # What is loaded now stays; collections, which main() stopped, look at requests only, and not at every few of them.
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()
    try:
        _tell(server.urls, words)
        await server.run()
    finally:
        await server.stop()
        code = Exit.GOOD if words.record is None else _record(engine, words.record)
        await engine.close()
        if words.ready_file is not None:
            words.ready_file.unlink(missing_ok=True)
    return code


def _record(engine: Engine, file: Path) -> Exit:
    """The session "default" in `file`; others that were asked something beside it, in NAME.SESSION.yaml."""
    from mock.engine.proxy.record import write

    code = Exit.GOOD
    for name, session in sorted(engine.sessions.items()):
        if name != DEFAULT and not session.journal.last:
            continue
        target = file if name == DEFAULT else file.with_name(f"{file.stem}.{name}{file.suffix}")
        try:
            write(target, session)
        except OSError as error:
            print(f"samewire mock: {target}: not written: {error.strerror}", file=sys.stderr)
            code = Exit.COULD_NOT_RUN
    return code


def _check_ready_file(file: Path | None) -> None:
    """One that a server left behind which was killed says nothing of this one."""
    if file is None:
        return
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise Misuse(f"--ready-file {file}: {error.strerror}") from None
    if not file.absolute().parent.is_dir():
        raise Misuse(f"--ready-file {file}: there is no such folder")


def _tell(urls: list[str], words: argparse.Namespace) -> None:
    """One line when it is ready."""
    if words.ready_file is not None:
        try:
            _write(words.ready_file, urls[0] + "\n")
        except OSError as error:
            raise Misuse(f"--ready-file {words.ready_file}: {error.strerror}") from None
    if words.json:
        import orjson

        line = orjson.dumps({"listening": urls, "pid": os.getpid()}).decode()
    else:
        line = "\n".join([f"listening on {urls[0]}", *(f"and on {url}" for url in urls[1:])])
    print(line, flush=True)


def _write(path: Path, text: str) -> None:
    """Whole or not at all: whoever waits for the file reads it at once."""
    beside = path.with_name(path.name + ".tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
