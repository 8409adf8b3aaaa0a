"""The steps of scenarios: each a call of the SDK's public clients."""

from __future__ import annotations

import asyncio
import base64
import io
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from parity.testees.tinker_sdk.answer import Unsupported, sdk
from parity.testees.tinker_sdk.message import written
from parity.testees.tinker_sdk.transport import environ

types = sdk("types")
tinker = sdk("")
_base = sdk("_base_client")
_future = sdk("lib.api_future_impl")
KEY = "tml-key"
_SETTINGS = {
    "api_key",
    "max_retries",
    "timeout_s",
    "headers",
    "tags",
    "user_metadata",
    "telemetry",
    "base_path",
    "env",
    "real_time",
}
MODERN = hasattr(types, "ClientConfigResponse")
"""0.38: sessions are made when they are needed, and nearly every method gives a future."""


class Steps:
    """The clients of one scenario, by their names."""

    def __init__(self, base_url: str, config: dict[str, Any]) -> None:
        self._base_url = base_url
        self._configs: dict[str, dict[str, Any]] = {"": config}
        self._services: dict[str, Any] = {}
        self._rests: dict[str, Any] = {}
        self._clients: dict[str, Any] = {}
        self._https: list[Any] = []

    async def do(self, name: str, told: dict[str, Any]) -> Any:
        """Raises what the SDK raises, and Unsupported."""
        method = getattr(self, "_" + name.replace(".", "_"), None)
        if method is None:
            raise Unsupported(f"has no step {name}")
        return written(await method(**told))

    async def close(self) -> None:
        for http in self._https:
            await http.close()

    # Clients

    def environ(self, client: str = "") -> dict[str, str]:
        """The environment that a client finds."""
        config = self._configs[client]
        told = {name: text.replace("{base_url}", self._base_url) for name, text in (config.get("env") or {}).items()}
        if "tags" in config:
            told["TINKER_TAGS"] = ",".join(config["tags"])
        told.setdefault("TINKER_TELEMETRY", "1" if config.get("telemetry") else "0")
        return told

    def _arguments(self, client: str) -> dict[str, Any]:
        config = self._configs[client]
        if unknown := set(config) - _SETTINGS:
            raise Unsupported(f"has no setting {', '.join(sorted(unknown))}")
        named = {"max_retries": "max_retries", "timeout_s": "timeout", "headers": "default_headers"}
        told = {named[name]: value for name, value in config.items() if name in named}
        if "TINKER_BASE_URL" not in self.environ(client):
            told["base_url"] = self._base_url + config.get("base_path", "")
        if "api_key" in config or "env" not in config:
            told["api_key"] = config.get("api_key", KEY)
        return told

    async def _service(self, client: str) -> Any:
        if client not in self._services:
            arguments = self._arguments(client) | {"user_metadata": self._configs[client].get("user_metadata")}
            if MODERN and (unknown := set(arguments) & {"max_retries", "timeout"}):
                raise Unsupported(f"its clients have no argument {', '.join(sorted(unknown))}")
            if MODERN and "default_headers" in arguments:
                arguments["default_headers_overrides"] = arguments.pop("default_headers")
            self._services[client] = await asyncio.to_thread(tinker.ServiceClient, **arguments)
        return self._services[client]

    async def _rest(self, client: str) -> Any:
        if client not in self._rests:
            if MODERN:
                arguments = self._arguments(client)
                if unknown := set(arguments) - {"base_url", "api_key"}:
                    raise Unsupported(f"its clients have no argument {', '.join(sorted(unknown))}")
                self._rests[client] = await asyncio.to_thread(tinker.RestClient, **arguments)
            else:
                self._rests[client] = (await self._service(client)).create_rest_client()
        return self._rests[client]

    async def _client(self, **told: Any) -> Any:
        self._configs[told["as"]] = told.get("config") or {}
        return {}

    async def _http(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Any = None,
        query: Any = None,
        timeout_s: float | None = None,
        max_retries: int | None = None,
        client: str = "",
    ) -> Any:
        http = sdk("_client").AsyncTinker(**self._arguments(client))
        self._https.append(http)
        more: dict[str, Any] = {
            "json_data": body,
            "headers": headers,
            "params": query,
            "timeout": timeout_s,
            "max_retries": max_retries,
        }
        given = {name: value for name, value in more.items() if value is not None}
        options = _base.FinalRequestOptions.construct(method=method.lower(), url=path, **given)
        answer = await http.request(_base.httpx.Response, options)
        return {"status": answer.status_code, "json": answer.json() if answer.content else None}

    async def _service_capabilities(self, client: str = "") -> Any:
        asked = self._rest(client) if MODERN else self._service(client)
        return await _settled(await asked, "get_server_capabilities")

    # Training

    async def _training_create(self, base_model: str, client: str = "", **told: Any) -> Any:
        name = told.pop("as", "training")
        made = await _settled(await self._service(client), "create_lora_training_client", base_model, **told)
        self._clients[name] = made
        return {"model_id": made.model_id}

    async def _training_from_state(self, path: str, optimizer: bool = False, client: str = "", **told: Any) -> Any:
        method = "create_training_client_from_state" + ("_with_optimizer" if optimizer else "")
        service = await self._service(client)
        if not hasattr(service, method):
            raise Unsupported("loads no optimizer")
        made = await _settled(service, method, path)
        self._clients[told.get("as", "training")] = made
        return {"model_id": made.model_id}

    def _on(self, name: str) -> Any:
        if name not in self._clients:
            raise ValueError(f"no client {name}: the step that makes it failed")
        return self._clients[name]

    async def _training_info(self, on: str = "training", client: str = "") -> Any:
        return await _settled(self._on(on), "get_info")

    async def _training_forward(self, **told: Any) -> Any:
        return await self._pass("forward", **told)

    async def _training_forward_backward(self, **told: Any) -> Any:
        return await self._pass("forward_backward", **told)

    async def _pass(
        self, method: str, data: Any, loss_fn: str, loss_fn_config: Any = None, on: str = "training", client: str = ""
    ) -> Any:
        given = [_datum(data["datum"])] * data["count"] if isinstance(data, dict) else [_datum(each) for each in data]
        return await _settled(self._on(on), method, given, loss_fn, loss_fn_config)

    async def _training_optim_step(self, adam: Any = None, on: str = "training", client: str = "") -> Any:
        return await _settled(self._on(on), "optim_step", types.AdamParams(**adam or {}))

    async def _training_save_state(self, name: str, on: str = "training", client: str = "") -> Any:
        return {"path": (await _settled(self._on(on), "save_state", name)).path}

    async def _training_load_state(self, path: str, on: str = "training", client: str = "") -> Any:
        await _settled(self._on(on), "load_state", path)
        return {}

    async def _training_load_state_with_optimizer(self, path: str, on: str = "training", client: str = "") -> Any:
        if not hasattr(self._on(on), "load_state_with_optimizer"):
            raise Unsupported("loads no optimizer")
        await _settled(self._on(on), "load_state_with_optimizer", path)
        return {}

    async def _training_save_for_sampler(self, name: str, on: str = "training", client: str = "") -> Any:
        return {"path": (await _settled(self._on(on), "save_weights_for_sampler", name)).path}

    # Sampling

    async def _sampling_create(self, client: str = "", **told: Any) -> Any:
        name = told.pop("as", "sampling")
        service = await self._service(client)
        if MODERN:
            self._clients[name] = await service.create_sampling_client(**told)
        else:
            self._clients[name] = await asyncio.to_thread(service.create_sampling_client, **told)
        return {}

    async def _sampling_from_training(self, on: str = "training", client: str = "", **told: Any) -> Any:
        made = await _settled(self._on(on), "save_weights_and_get_sampling_client")
        self._clients[told.get("as", "sampling")] = made
        return {}

    async def _sampling_sample(
        self,
        tokens: Any,
        num_samples: int = 1,
        params: Any = None,
        prompt_logprobs: bool = False,
        topk_prompt_logprobs: int = 0,
        on: str = "sampling",
        client: str = "",
    ) -> Any:
        return await _settled(
            self._on(on),
            "sample",
            _prompt(tokens),
            num_samples,
            types.SamplingParams(**params or {}),
            prompt_logprobs,
            topk_prompt_logprobs,
        )

    async def _sampling_compute_logprobs(self, tokens: Any, on: str = "sampling", client: str = "") -> Any:
        return await _settled(self._on(on), "compute_logprobs", _prompt(tokens))

    # REST

    async def _rest_training_runs(self, client: str = "", **told: Any) -> Any:
        return await _settled(await self._rest(client), "list_training_runs", **told)

    async def _rest_training_run(self, run: str, client: str = "") -> Any:
        return await _settled(await self._rest(client), "get_training_run", run)

    async def _rest_checkpoints(self, run: str, client: str = "") -> Any:
        return await _settled(await self._rest(client), "list_checkpoints", run)

    async def _rest_user_checkpoints(self, client: str = "", **told: Any) -> Any:
        return await _settled(await self._rest(client), "list_user_checkpoints", **told)

    async def _rest_archive_url(self, path: str, client: str = "") -> Any:
        rest = await self._rest(client)
        if not hasattr(rest, "get_checkpoint_archive_url_from_tinker_path"):
            raise Unsupported("has no archives")
        return {"url": (await _settled(rest, "get_checkpoint_archive_url_from_tinker_path", path)).url}

    async def _rest_publish(self, path: str, client: str = "") -> Any:
        await _settled(await self._rest(client), "publish_checkpoint_from_tinker_path", path)
        return {}

    async def _rest_unpublish(self, path: str, client: str = "") -> Any:
        await _settled(await self._rest(client), "unpublish_checkpoint_from_tinker_path", path)
        return {}

    async def _rest_delete(self, path: str, client: str = "") -> Any:
        await _settled(await self._rest(client), "delete_checkpoint_from_tinker_path", path)
        return {}

    # Futures, telemetry, the command

    async def _future_result(
        self,
        request_id: str,
        type: str,  # noqa: A002 - the step's own word
        timeout_s: float | None = None,
        observe: bool = False,
        client: str = "",
    ) -> Any:
        service = await self._service(client)
        holder = await asyncio.to_thread(lambda: service.holder)
        observer = _Observer()
        kind = _KINDS.get(type) or type.title().replace("_", "")

        async def make() -> Any:
            return _future._APIFuture(
                getattr(types, _RESULTS.get(type) or f"{kind}Response"),
                holder,
                types.UntypedAPIFuture(request_id=request_id),
                request_start_time=0.0,
                request_type=kind,
                queue_state_observer=observer,
            )

        # On the SDK's own loop, as the SDK does: it polls before the constructor has set the observer, and elsewhere a
        # fast answer would find none.
        made = await holder.run_coroutine_threadsafe(make())
        result = written(await made.result_async(timeout_s))
        return {"result": result, "observed": observer.states} if observe else result

    async def _telemetry_send(self, events: Any, client: str = "") -> Any:
        service = await self._service(client)
        holder = await asyncio.to_thread(lambda: service.holder)
        reporter = holder.get_telemetry()
        if reporter is None:
            return {}
        # Its task has begun, so that it hears of the flush.
        await holder.run_coroutine_threadsafe(asyncio.sleep(0))
        for event in [events["event"]] * events["count"] if isinstance(events, dict) else events:
            if event["kind"] not in ("generic", "GENERIC_EVENT"):
                raise Unsupported(f"its users send no {event['kind']}")
            reporter.log(event["name"], event.get("data"))
        reporter._trigger_flush()
        await asyncio.to_thread(reporter._wait_until_drained_sync)
        return {}

    async def _cli(self, args: list[str], columns: int = 80, client: str = "") -> Any:
        return await asyncio.to_thread(self._command, args, columns, client)

    def _command(self, args: list[str], columns: int, client: str) -> Any:
        told = self._arguments(client)
        env = {**self.environ(client), "COLUMNS": str(columns)}
        for name, argument in (("TINKER_BASE_URL", "base_url"), ("TINKER_API_KEY", "api_key")):
            if argument in told:
                env[name] = told[argument]
        before, sys.argv = sys.argv, ["tinker", *args]
        out, err = io.StringIO(), io.StringIO()
        try:
            with environ(env), redirect_stdout(out), redirect_stderr(err):
                sdk("cli.__main__").main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        finally:
            sys.argv = before
        return {"exit": code, "stdout": out.getvalue(), "stderr": err.getvalue()}


_RESULTS = {"forward": "ForwardBackwardOutput", "forward_backward": "ForwardBackwardOutput"}
_RESULTS |= {"save_weights_for_sampler": "SaveWeightsForSamplerResponseInternal"}
_KINDS = {"forward": "Forward", "forward_backward": "ForwardBackward"}


class _Observer:
    def __init__(self) -> None:
        self.states: list[str] = []

    def on_queue_state_change(self, state: Any, reason: str | None = None) -> None:
        self.states.append(state.value)


async def _settled(client: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    """A method of a client, and what its future gives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        if MODERN:
            said = getattr(client, method)(*args, **kwargs)
        else:
            said = await getattr(client, f"{method}_async")(*args, **kwargs)
    return await said if hasattr(said, "__await__") else said


def _prompt(told: Any) -> Any:
    """Of a list of tokens, or of `{count, token}`."""
    return types.ModelInput.from_ints([told["token"]] * told["count"] if isinstance(told, dict) else told)


def _datum(told: dict[str, Any]) -> Any:
    """As a user of the SDK writes it: with its classes, and no tag that they bring."""
    chunks = [_chunk(each) for each in told["model_input"]["chunks"]]
    inputs = {
        name: types.TensorData(**each) if isinstance(each, dict) else each
        for name, each in told.get("loss_fn_inputs", {}).items()
    }
    return types.Datum(model_input=types.ModelInput(chunks=chunks), loss_fn_inputs=inputs)


def _chunk(told: dict[str, Any]) -> Any:
    fields = {name: value for name, value in told.items() if name != "type"}
    if "data" in fields:
        return types.ImageChunk(**fields | {"data": base64.b64decode(fields["data"])})
    if "location" in fields:
        return types.ImageAssetPointerChunk(**fields)
    return types.EncodedTextChunk(**fields)
