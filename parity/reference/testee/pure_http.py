"""Calls about HTTP: retries, addresses, headers, settings, streams, forms."""

from __future__ import annotations

import base64
from typing import Any

from parity.reference import backoff, config, errors, headers, multipart, query, retry, sse, submit
from parity.reference.dialect import Dialect
from parity.reference.testee import reading


def retry_decide(given: Any, dialect: Dialect) -> Any:
    return retry.decide(given.get("status"), reading.lower(given.get("headers")), dialect)


def retry_delay(given: Any, _: Dialect) -> Any:
    return retry.delay(given["retry"], reading.lower(given.get("headers")), given["random"], given.get("now", 0.0))


def submit_decide(given: Any, dialect: Dialect) -> Any:
    delay = submit.delay(given.get("status"), given["attempt"], given["elapsed_s"], dialect)
    return {"retry": False} if delay is None else {"retry": True, "delay_s": delay}


def sampling_backoff(given: Any, dialect: Dialect) -> Any:
    said = reading.lower(given.get("headers"))
    return backoff.pause(given["status"], said, given.get("prompt_bytes", 0), given.get("now", 0.0), dialect)


def sampling_retry_delay(given: Any, _: Dialect) -> Any:
    return backoff.retry_delay(given["attempt"], given["random"])


def url_join(given: Any, _: Dialect) -> Any:
    return config.join(given["base"], given["path"])


def query_format(given: Any, _: Dialect) -> Any:
    return query.format_(given["params"], given.get("arrays", "repeat"), given.get("objects", "brackets"))


def headers_merge(given: Any, _: Dialect) -> Any:
    return headers.merge(*(given.get(layer) or {} for layer in ("defaults", "user", "call")))


def config_resolve(given: Any, dialect: Dialect) -> Any:
    made = config.resolve(dialect, given.get("env") or {}, **(given.get("args") or {}))
    return {
        "base_url": made.base_url,
        "api_key": made.api_key,
        "timeout_s": made.timeout_s,
        "max_retries": made.max_retries,
        "tags": list(made.tags),
    }


def error_kind(given: Any, dialect: Dialect) -> Any:
    status, body = given["status"], given.get("body", "")
    return {"kind": errors.kind(status, dialect), "message": errors.message(status, body)}


def sse_decode(given: Any, _: Dialect) -> Any:
    found = sse.decode(base64.b64decode(piece) for piece in given["pieces"])
    return [{name: value for name, value in vars(event).items() if value is not None} for event in found]


def multipart_encode(given: Any, _: Dialect) -> Any:
    files = [
        multipart.File(name, filename, kind, base64.b64decode(content))
        for name, filename, kind, content in given.get("files") or []
    ]
    fields = [(name, text) for name, text in given.get("fields") or []]
    return multipart.encode(given["boundary"], fields, files).decode("utf-8", "surrogateescape")
