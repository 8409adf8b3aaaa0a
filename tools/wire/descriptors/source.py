"""Lines and comments of the things in one .proto, found by their path in the FileDescriptorProto."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import FileDescriptorProto, SourceCodeInfo

from tools.wire.ir import Source

Path = tuple[int, ...]

# Field numbers in descriptor.proto that paths are made of.
# protoc files `edition` under `syntax` too.
MESSAGES, ENUMS, SERVICES, EXTENSIONS, OPTIONS, SYNTAX = 4, 5, 6, 7, 8, 12
FIELDS, NESTED, NESTED_ENUMS, NESTED_EXTENSIONS, ONEOFS = 2, 3, 4, 6, 8
VALUES = METHODS = 2


class Locations:
    """Without source info (protoc's --include_source_info) every line is 0 and every comment empty."""

    def __init__(self, proto: FileDescriptorProto) -> None:
        self._file = proto.name
        self._at: dict[Path, SourceCodeInfo.Location] = {}
        for location in proto.source_code_info.location:
            self._at.setdefault(tuple(location.path), location)

    def source(self, path: Path) -> Source:
        location = self._at.get(path)
        return Source(self._file, location.span[0] + 1 if location else 0)

    def doc(self, path: Path) -> str:
        location = self._at.get(path)
        return _clean(location.leading_comments or location.trailing_comments) if location else ""

    def file_doc(self) -> str:
        """The comment right above `syntax` or `edition`: it speaks of the file. A licence higher up does not."""
        return self.doc((SYNTAX,))


def _clean(comment: str) -> str:
    """The text without the one space after `//` and without blank ends."""
    return "\n".join(line.removeprefix(" ").rstrip() for line in comment.split("\n")).strip("\n")
