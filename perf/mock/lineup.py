"""The peers, each told the same thing: answer POST /v1/chat with the reply where `model` and `user.tier` match."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from perf.mock import payload
from perf.mock.payload import MODEL, PATH, REPLY, REQUEST, TIER
from perf.mock.server import Server, free_port

_REPLY = json.dumps(REPLY)
_JSON = {"Content-Type": "application/json"}
Command = Callable[[int, Path], Sequence[str | Path]]


def python(asgi: Path, httpserver: Path) -> list[Server]:
    return [
        Server("FastAPI on uvicorn", lambda port, _: [asgi, "fastapi", str(port), _REPLY]),
        Server("Starlette + orjson on uvicorn", lambda port, _: [asgi, "starlette", str(port), _REPLY]),
        Server(
            "pytest-httpserver",
            lambda port, _: [httpserver, str(port), json.dumps(REQUEST), _REPLY],
            note="compares the whole body",
        ),
    ]


def node(node: Path, modules: Path, fastify: Path) -> list[Server]:
    """`modules`: node_modules; `fastify`: our program for it."""

    def mountebank(port: int, folder: Path) -> list[str | Path]:
        equals = {"method": "POST", "path": PATH, "body": {"model": MODEL, "user": {"tier": TIER}}}
        stub = {
            "predicates": [{"equals": equals}],
            "responses": [{"is": {"statusCode": 200, "headers": _JSON, "body": REPLY}}],
        }
        other = {"responses": [{"is": {"statusCode": 404}}]}
        imposter = {"protocol": "http", "port": port, "recordRequests": False, "stubs": [stub, other]}
        file = _write(folder / "imposters.json", {"imposters": [imposter]})
        words: list[str | Path] = [
            "--configfile",
            file,
            "--port",
            str(free_port()),
            "--loglevel",
            "error",
            "--nologfile",
            "--ipWhitelist",
            "127.0.0.1",
        ]
        return [node, modules / "mountebank/bin/mb", *words]

    def mockoon(port: int, folder: Path) -> list[str | Path]:
        file = _write(folder / "mockoon.json", _mockoon(port))
        return [node, modules / "@mockoon/cli/bin/run.js", "start", "--data", file, "--disable-log-to-file"]

    def prism(port: int, folder: Path) -> list[str | Path]:
        file = _write(folder / "openapi.json", _openapi())
        program = modules / "@stoplight/prism-cli/dist/index.js"
        return [node, program, "mock", "--errors", "-v", "fatal", "-h", "127.0.0.1", "-p", str(port), file]

    quiet = {"FORCE_COLOR": "0", "NO_UPDATE_NOTIFIER": "1"}
    return [
        Server("fastify", lambda port, _: [node, fastify, modules, str(port), _REPLY]),
        Server("mountebank", mountebank, quiet),
        Server("Prism", prism, quiet, note="validates against OpenAPI"),
        Server("Mockoon", mockoon, quiet),
    ]


def java(java: str, wiremock: Path, mockserver: Path | None) -> list[Server]:
    """`wiremock`, `mockserver`: their jars."""

    def wire(*more: str) -> Command:
        def command(port: int, folder: Path) -> list[str | Path]:
            conditions = [("$.model", MODEL), ("$.user.tier", TIER)]
            patterns = [{"matchesJsonPath": {"expression": path, "equalTo": text}} for path, text in conditions]
            _write(
                folder / "mappings/chat.json",
                {
                    "request": {"method": "POST", "urlPath": PATH, "bodyPatterns": patterns},
                    "response": {"status": 200, "headers": _JSON, "body": _REPLY},
                },
            )
            words = ["--port", str(port), "--root-dir", str(folder), "--disable-banner", "--bind-address", "127.0.0.1"]
            return [java, "-jar", wiremock, *words, *more]

        return command

    servers = [
        Server("WireMock", wire(), warm_s=8.0, note="journal on"),
        Server("WireMock, no journal", wire("--no-request-journal"), warm_s=8.0),
    ]
    if mockserver is not None:
        jar = mockserver

        def command(port: int, folder: Path) -> list[str | Path]:
            body = {
                "type": "JSON",
                "json": {"model": MODEL, "user": {"tier": TIER}},
                "matchType": "ONLY_MATCHING_FIELDS",
            }
            expectation = {
                "httpRequest": {"method": "POST", "path": PATH, "body": body},
                "httpResponse": {"statusCode": 200, "headers": _JSON, "body": _REPLY},
            }
            file = _write(folder / "expectations.json", [expectation])
            settings = [f"-Dmockserver.initializationJsonPath={file}", "-Dmockserver.logLevel=ERROR"]
            return [java, *settings, "-jar", jar, "-serverPort", str(port)]

        servers.append(Server("MockServer 5.15", command, warm_s=8.0))
    return servers


def found_java() -> str | None:
    return shutil.which("java")


def _write(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def _mockoon(port: int) -> dict[str, Any]:
    rules = [
        {"target": "body", "modifier": name, "value": text, "invert": False, "operator": "equals"}
        for name, text in (("model", MODEL), ("user.tier", TIER))
    ]
    common = {
        "latency": 0, "filePath": "", "sendFileAsBody": False, "disableTemplating": True, "fallbackTo404": False,
        "crudKey": "id", "callbacks": [], "databucketID": "", "bodyType": "INLINE", "label": "",
    }  # fmt: skip
    headers = [{"key": key, "value": value} for key, value in _JSON.items()]
    good = common | {
        "uuid": "good", "body": _REPLY, "statusCode": 200, "headers": headers, "rules": rules, "rulesOperator": "AND",
        "default": False,
    }  # fmt: skip
    bad = common | {
        "uuid": "bad", "body": "{}", "statusCode": 404, "headers": [], "rules": [], "rulesOperator": "OR",
        "default": True,
    }  # fmt: skip
    route = {
        "uuid": "route", "type": "http", "documentation": "", "method": "post", "endpoint": PATH.lstrip("/"),
        "responses": [good, bad], "responseMode": None, "streamingMode": None, "streamingInterval": 0,
    }  # fmt: skip
    return {
        "uuid": "peer", "lastMigration": 33, "name": "peer", "endpointPrefix": "", "latency": 0, "port": port,
        "hostname": "127.0.0.1", "folders": [], "routes": [route], "rootChildren": [{"type": "route", "uuid": "route"}],
        "proxyMode": False, "proxyHost": "", "proxyRemovePrefix": False, "cors": False, "headers": [],
        "proxyReqHeaders": [], "proxyResHeaders": [], "data": [], "callbacks": [],
        "tlsOptions": {"enabled": False, "type": "CERT", "pfxPath": "", "certPath": "", "keyPath": "", "caPath": "",
                       "passphrase": ""},
    }  # fmt: skip


def _openapi() -> dict[str, Any]:
    user = {"type": "object", "required": ["tier"], "properties": {"tier": {"enum": [TIER]}}}
    body = {"type": "object", "required": ["model", "user"], "properties": {"model": {"enum": [MODEL]}, "user": user}}
    media = {"schema": {"type": "object"}, "example": REPLY}
    operation = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": {"description": "It.", "content": {"application/json": media}}},
    }
    return {"openapi": "3.1.0", "info": {"title": "peer", "version": "1"}, "paths": {payload.PATH: {"post": operation}}}
