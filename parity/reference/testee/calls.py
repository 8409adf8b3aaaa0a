"""All calls of docs/cases.md that this client answers, and the refusals that they know by kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from samewire_wire import WireError

from parity.reference import chunks, config, metrics, path, query, size, tensor
from parity.reference.dialect import Dialect
from parity.reference.testee import codec, pure_http, pure_rest, pure_training, scenario

Call = Callable[[Any, Dialect], Any]
"""(input, dialect) → result, or an awaitable of it."""
CALLS: dict[str, Call] = {
    "codec": codec.answer,
    "metrics.reduce": pure_training.metrics_reduce,
    "outputs.combine": pure_training.outputs_combine,
    "chunks.split": pure_training.chunks_split,
    "chunks.order": pure_training.chunks_order,
    "input.length": pure_training.input_length,
    "tensor.make": pure_training.tensor_make,
    "datum.make": pure_training.datum_make,
    "retry.decide": pure_http.retry_decide,
    "retry.delay": pure_http.retry_delay,
    "submit.decide": pure_http.submit_decide,
    "poll.decide": pure_rest.poll_decide,
    "category.parse": pure_rest.category_parse,
    "category.retryable": pure_rest.category_retryable,
    "queue.parse": pure_rest.queue_parse,
    "sampling.backoff": pure_http.sampling_backoff,
    "sampling.retry_delay": pure_http.sampling_retry_delay,
    "path.parse": pure_rest.path_parse,
    "url.join": pure_http.url_join,
    "query.format": pure_http.query_format,
    "headers.merge": pure_http.headers_merge,
    "config.resolve": pure_http.config_resolve,
    "error.kind": pure_http.error_kind,
    "sse.decode": pure_http.sse_decode,
    "multipart.encode": pure_http.multipart_encode,
    "telemetry.enabled": pure_rest.telemetry_is_enabled,
    "telemetry.batches": pure_rest.telemetry_batches,
    "telemetry.exception": pure_rest.telemetry_exception,
    "telemetry.index": pure_rest.telemetry_index,
    "pages.plan": pure_rest.pages_plan,
    "cli.size": pure_rest.cli_size,
    "cli.time": pure_rest.cli_time,
    "scenario": scenario.play,
}
REFUSALS: dict[type[Exception], str] = {
    WireError: "invalid",
    metrics.MetricKeyError: "bad_key",
    metrics.ZeroWeightError: "zero_weight",
    chunks.NoDataError: "no_data",
    size.NoLengthError: "no_length",
    tensor.DtypeError: "dtype",
    tensor.UnknownNameError: "unknown_name",
    path.PathError: "bad_path",
    query.NestedError: "nested",
    config.NoKeyError: "no_api_key",
    config.BadKeyError: "bad_api_key",
}
