"""The peers of the model benchmark, each used as its own documentation says; a worker of perf/bench/rounds.py.

Generated code is made at start by the peers' own protoc plugins, from peer.proto.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from perf.bench.payload import sampling, training
from perf.bench.peers import hand
from perf.bench.worker import Case, serve


def cases(train: str, sample: str) -> dict[str, Case]:
    """Decode and encode of both payloads by every peer."""
    pb2, buf, p2p = (importlib.import_module(f"peer_{name}") for name in ("pb2", "pb", "p2p"))
    flat = {
        "ForwardBackwardRequest": json.dumps(training(tagged=True)),
        "SampleRequest": json.dumps(sampling(tagged=True)),
    }
    plain = {"ForwardBackwardRequest": train, "SampleRequest": sample}
    found: dict[str, Case] = {}
    for message, short in (("ForwardBackwardRequest", "training"), ("SampleRequest", "sampling")):
        found |= _pair("hand-written pydantic", short, *_pydantic(getattr(hand, message), flat[message]))
        found |= _pair("protobuf-to-pydantic", short, *_pydantic(getattr(p2p, message), plain[message]))
        found |= _pair("google json_format", short, *_google(getattr(pb2, message), plain[message]))
        found |= _pair("Buf protobuf-py", short, *_buf(getattr(buf, message), plain[message]))
    return found


def _pair(peer: str, payload: str, decode: Case, encode: Case) -> dict[str, Case]:
    return {f"{peer}/{payload}/decode": decode, f"{peer}/{payload}/encode": encode}


def _pydantic(model: Any, text: str) -> tuple[Case, Case]:
    data = text.encode()
    value = model.model_validate_json(data)
    return lambda: model.model_validate_json(data), lambda: value.model_dump_json(exclude_none=True)


def _google(message: Any, text: str) -> tuple[Case, Case]:
    value = json_format.Parse(text, message())
    return (
        lambda: json_format.Parse(text, message()),
        lambda: json_format.MessageToJson(value, preserving_proto_field_name=True, indent=None),
    )


def _buf(message: Any, text: str) -> tuple[Case, Case]:
    value = message.from_json(text)
    return lambda: message.from_json(text), lambda: value.to_json()


def generate(folder: Path, proto: Path) -> None:
    """Runs the peers' plugins on peer.proto. Raises CalledProcessError with their words when one fails."""
    plugins = {name: folder / f"protoc-gen-{name}" for name in ("p2p", "buf")}
    modules = {"p2p": "protobuf_to_pydantic.plugin.main", "buf": "protoc_gen_py"}
    for name, path in plugins.items():
        path.write_text(
            f"#!{sys.executable}\nimport sys; sys.path[:] = {sys.path!r}\nfrom {modules[name]} import main; main()\n"
        )
        path.chmod(0o755)
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{proto.parent}", f"--python_out={folder}", proto.name]
    for name, path in plugins.items():
        command += [f"--plugin=protoc-gen-{name}={path}", f"--{name}_out={folder}"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch), Path(__file__).with_name("peer.proto"))
        sys.path.insert(0, scratch)
        serve(cases(json.dumps(training(tagged=False)), json.dumps(sampling(tagged=False))))


if __name__ == "__main__":
    main()
