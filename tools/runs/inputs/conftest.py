"""Execution logs written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import zstandard
from bazel.log.spawn_pb2 import EnvironmentVariable, ExecLogEntry


class Writer:
    """A log that is being written: `file`, `folder`, `inputs` … give ids, `save` gives the path."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "execution.log.zst"
        self._entries: list[ExecLogEntry] = [ExecLogEntry(invocation={"hash_function_name": "SHA-256", "id": "one"})]

    def add(self, **what: object) -> int:
        entry = ExecLogEntry(id=len(self._entries), **what)  # type: ignore[arg-type]
        self._entries.append(entry)
        return entry.id

    def file(self, path: str, digest: str = "aa") -> int:
        return self.add(file={"path": path, "digest": {"hash": digest}})

    def folder(self, path: str, **files: str) -> int:
        inside = [{"path": name, "digest": {"hash": digest}} for name, digest in files.items()]
        return self.add(directory={"path": path, "files": inside})

    def inputs(self, *ids: int, sets: Sequence[int] = ()) -> int:
        return self.add(input_set={"input_ids": ids, "transitive_set_ids": sets})

    def spawn(
        self,
        label: str,
        inputs: int = 0,
        mnemonic: str = "Genrule",
        arguments: Sequence[str] = ("tool",),
        environment: Mapping[str, str] | None = None,
        outputs: Sequence[int] = (),
        **more: object,
    ) -> None:
        variables = [EnvironmentVariable(name=name, value=value) for name, value in (environment or {}).items()]
        self._entries.append(
            ExecLogEntry(
                spawn=ExecLogEntry.Spawn(
                    target_label=label,
                    mnemonic=mnemonic,
                    args=arguments,
                    env_vars=variables,
                    input_set_id=inputs,
                    outputs=[ExecLogEntry.Output(output_id=output) for output in outputs],
                    **more,  # type: ignore[arg-type]
                )
            )
        )

    def test(self, label: str, inputs: int = 0, environment: Mapping[str, str] | None = None, **more: object) -> None:
        """A test action as Bazel runs it."""
        place = label.removeprefix("//").replace(":", "/")
        log = self.file(f"bazel-out/k8-fastbuild/testlogs/{place}/test.log")
        variables = {"TEST_TARGET": label, "XML_OUTPUT_FILE": f"bazel-out/k8-fastbuild/testlogs/{place}/test.xml"}
        arguments = ("external/bazel_tools/tools/test/test-setup.sh", place)
        self.spawn(label, inputs, "TestRunner", arguments, variables | dict(environment or {}), [log], **more)

    def bytes(self) -> bytes:
        plain = bytearray()
        for entry in self._entries:
            data = entry.SerializeToString()
            length = len(data)
            while length > 0x7F:
                plain.append(length & 0x7F | 0x80)
                length >>= 7
            plain.append(length)
            plain += data
        return zstandard.compress(bytes(plain))

    def save(self) -> Path:
        self.path.write_bytes(self.bytes())
        return self.path


@pytest.fixture
def log(tmp_path: Path) -> Writer:
    return Writer(tmp_path)
