"""Models of the native API: tags, ps, show, pull, push, create, copy, delete."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from ollama.v1.manage_wire import (
    CopyRequest,
    CreateRequest,
    DeleteRequest,
    ProgressResponse,
    PullRequest,
    PushRequest,
)
from ollama.v1.models_wire import (
    ListModel,
    ListResponse,
    ProcessModel,
    ProcessResponse,
    ShowRequest,
    ShowResponse,
    Tensor,
)
from samewire_wire import Timestamp

from mock.engine.backend import Refusal
from mock.ollama import refusal
from mock.ollama.blobs import check
from mock.ollama.inference import text_of
from mock.ollama.library import Layer, StoredModel
from mock.ollama.names import Name
from mock.ollama.state import State

_TENSORS = (("token_embd.weight", "Q4_K"), ("blk.0.attn_q.weight", "Q4_K"), ("output_norm.weight", "F32"))


class Manage:
    def __init__(self, state: State) -> None:
        self._state = state

    def tags(self) -> ListResponse:
        return ListResponse(models=[_listed(model) for model in self._state.library])

    def loaded(self) -> ProcessResponse:
        return ProcessResponse(
            models=[
                ProcessModel(
                    name=each.model.name.short,
                    model=each.model.name.short,
                    size=each.model.size,
                    digest=each.model.digest,
                    details=each.model.details,
                    expires_at=Timestamp.from_seconds(each.expires),
                    size_vram=each.model.size,
                    context_length=each.context,
                )
                for each in self._state.memory.loaded()
            ]
        )

    def find(self, text: str) -> StoredModel:
        """Raises Refusal as `show` does."""
        if not text:
            raise refusal.required()
        name = Name.parse(text)
        if name is None:
            raise refusal.invalid_name()
        model = self._state.library.find(name)
        if model is None:
            raise refusal.not_found(text)
        return model

    def show(self, request: ShowRequest) -> ShowResponse:
        model = self.find(request.model or text_of(request.name))
        system = text_of(request.system) or model.system
        parameters = "\n".join(_parameters(model.parameters))
        family = model.family
        return ShowResponse(
            license=model.license,
            modelfile=_modelfile(model, system),
            parameters=parameters,
            template=model.template,
            system=system,
            details=model.details,
            messages=[*model.messages],
            model_info={
                "general.architecture": family,
                "general.file_type": 15,
                "general.parameter_count": _count(model.parameter_size),
                "general.quantization_version": 2,
                f"{family}.context_length": model.context_length,
                f"{family}.embedding_length": model.embedding_length,
                "tokenizer.ggml.tokens": ["!", '"'] if request.verbose is True else None,
            },
            tensors=[Tensor(name=name, type=kind, shape=[model.embedding_length]) for name, kind in _TENSORS]
            if request.verbose is True
            else [],
            capabilities=[*model.capabilities],
            modified_at=Timestamp.from_seconds(model.modified),
        )

    async def pull(self, request: PullRequest) -> AsyncIterator[ProgressResponse]:
        name = _named(request.model or text_of(request.name))
        async for step in self._pull(name):
            yield step
        yield ProgressResponse(status="success")

    async def _pull(self, name: Name) -> AsyncIterator[ProgressResponse]:
        yield ProgressResponse(status="pulling manifest")
        library, clock = self._state.library, self._state.clock
        before = library.find(name) if library.has(name) else None
        model = library.of_registry(name, clock.now())
        if model is None:
            raise refusal.native(500, "pull model manifest: file does not exist")
        for layer in model.layers:
            for done in (layer.size,) if before else (0, layer.size // 2, layer.size):
                await clock.sleep(self._state.script.token_s)
                yield _progress(f"pulling {layer.digest[7:19]}", layer, done)
        yield ProgressResponse(status="verifying sha256 digest")
        yield ProgressResponse(status="writing manifest")
        if before is not None and {*before.layers} - {*model.layers}:
            yield ProgressResponse(status="removing unused layers")
        library.put(model)

    async def push(self, request: PushRequest) -> AsyncIterator[ProgressResponse]:
        text = request.model or text_of(request.name)
        if not text:
            raise refusal.required()
        name = Name.parse(text)
        if name is None:
            raise refusal.invalid_name()
        yield ProgressResponse(status="retrieving manifest")
        model = self._state.library.find(name)
        if model is None:
            yield ProgressResponse(status="couldn't retrieve manifest")
            raise refusal.native(
                500, f"open manifests/{name.host}/{name.namespace}/{name.model}/{name.tag}: no such file"
            )
        for layer in model.layers:
            for done in (0, layer.size // 2, layer.size):
                await self._state.clock.sleep(self._state.script.token_s)
                yield _progress(f"pushing {layer.digest[7:19]}", layer, done)
        yield ProgressResponse(status="pushing manifest")
        yield ProgressResponse(status="success")

    async def create(self, request: CreateRequest) -> AsyncIterator[ProgressResponse]:
        name = _named(request.model or text_of(request.name))
        source = text_of(request.from_)
        if source:
            base_name = Name.parse(source)
            if base_name is None:
                raise refusal.invalid_name()
            base = self._state.library.find(base_name)
            if base is None:
                async for step in self._pull(base_name):
                    yield step
                base = self._state.library.find(base_name)
                assert base is not None
            for layer in base.layers:
                yield ProgressResponse(status=f"using existing layer {layer.digest}")
        elif request.files:
            base = self._of_files(name, request.files)
            yield ProgressResponse(status="parsing GGUF")
        else:
            raise refusal.native(400, "neither 'from' or 'files' was specified")
        quantize = text_of(request.quantize) or text_of(request.quantization)
        if quantize:
            yield ProgressResponse(status=f"quantizing {base.quantization} model to {quantize}")
        model = self._changed(base, name, request, quantize)
        for layer in model.layers:
            if layer not in base.layers:
                yield ProgressResponse(status=f"creating new layer {layer.digest}")
        yield ProgressResponse(status="writing manifest")
        self._state.library.put(model)
        yield ProgressResponse(status="success")

    def _of_files(self, name: Name, files: dict[str, str]) -> StoredModel:
        layers = []
        for path, digest in sorted(files.items()):
            layer = self._state.blobs.find(digest)
            if layer is None:
                raise refusal.native(400, f"{path}: blob {refusal.quoted(check(digest))} not found")
            layers.append(layer)
        size = sum(layer.size for layer in layers)
        return StoredModel(name, " ".join(each.digest for each in layers), 0.0, size=size, files=tuple(layers))

    def _changed(self, base: StoredModel, name: Name, request: CreateRequest, quantize: str) -> StoredModel:
        license_ = request.license if isinstance(request.license, str) else "\n".join(request.license or ())
        return replace(
            base,
            name=name,
            modified=self._state.clock.now(),
            system=text_of(request.system) or base.system,
            template=text_of(request.template) or base.template,
            license=license_ or base.license,
            parameters={**base.parameters, **(request.parameters or {})},
            messages=tuple(request.messages) or base.messages,
            quantization=quantize or base.quantization,
            parent=base.name.short if text_of(request.from_) else "",
            lenient=False,
        )

    def copy(self, request: CopyRequest) -> None:
        source, target = Name.parse(request.source), Name.parse(request.destination)
        if source is None:
            raise refusal.native(400, f"source {refusal.quoted(request.source)} is invalid")
        if target is None:
            raise refusal.native(400, f"destination {refusal.quoted(request.destination)} is invalid")
        model = self._state.library.find(source)
        if model is None:
            raise refusal.native(404, f"model {refusal.quoted(request.source)} not found")
        self._state.library.copy(model, target, self._state.clock.now())

    def delete(self, request: DeleteRequest) -> None:
        text = request.model or text_of(request.name)
        if not text:
            raise refusal.required()
        name = Name.parse(text)
        if name is None:
            raise refusal.native(400, f"name {refusal.quoted(text)} is invalid")
        if self._state.remove(name) is None:
            raise refusal.not_found(text)


async def last(steps: AsyncIterator[ProgressResponse]) -> ProgressResponse:
    """The one that is the whole answer where nothing streams. Raises Refusal."""
    found: ProgressResponse | None = None
    async for step in steps:
        found = step
    if found is None:
        raise Refusal(500, "nothing was done")
    return found


def _named(text: str) -> Name:
    name = Name.parse(text)
    if name is None:
        raise refusal.invalid_name()
    return name


def _progress(status: str, layer: Layer, done: int) -> ProgressResponse:
    return ProgressResponse(status=status, digest=layer.digest, total=layer.size, completed=done)


def _listed(model: StoredModel) -> ListModel:
    return ListModel(
        name=model.name.short,
        model=model.name.short,
        modified_at=Timestamp.from_seconds(model.modified),
        size=model.size,
        digest=model.digest,
        details=model.details,
    )


def _parameters(parameters: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in parameters.items():
        for each in value if isinstance(value, list) else [value]:
            shown = refusal.quoted(each) if isinstance(each, str) else f"{each:g}" if isinstance(each, float) else each
            lines.append(f"{name:<30} {shown}")
    return lines


def _modelfile(model: StoredModel, system: str) -> str:
    lines = ['# Modelfile generated by "ollama show"', "# To build a new Modelfile based on this, replace FROM with:"]
    lines += [f"# FROM {model.name.short}", "", f"FROM {model.layers[0].digest}", f'TEMPLATE """{model.template}"""']
    lines += [f'SYSTEM """{system}"""'] if system else []
    lines += [f"PARAMETER {' '.join(line.split(None, 1))}" for line in _parameters(model.parameters)]
    lines += [f'LICENSE """{model.license}"""'] if model.license else []
    return "\n".join(lines) + "\n"


def _count(size: str) -> int:
    """ "7.6B" as a number."""
    unit = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}.get(size[-1:].upper(), 1)
    try:
        return round(float(size.rstrip("KMBTkmbt")) * unit)
    except ValueError:
        return 0
