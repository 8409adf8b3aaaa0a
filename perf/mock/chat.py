"""The messages of chat.proto for servers without generated code; a test holds them against the file."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "chat.v1"
SERVICE = f"{PACKAGE}.ChatService"
_KIND = descriptor_pb2.FieldDescriptorProto
# Message → its fields in the order of their numbers, from 1; "*" marks repeated ones.
MESSAGES = {
    "ChatRequest": "string model, User user, Message* messages, double temperature, int32 max_tokens, "
    "string request_id",
    "User": "string id, string tier",
    "Message": "string role, string content",
    "ChatResponse": "string id, string model, int64 created, Message message, string finish_reason, "
    "int32 prompt_tokens, int32 completion_tokens",
}
_TYPES = {
    "string": _KIND.TYPE_STRING,
    "double": _KIND.TYPE_DOUBLE,
    "int32": _KIND.TYPE_INT32,
    "int64": _KIND.TYPE_INT64,
}


def file() -> descriptor_pb2.FileDescriptorProto:
    made = descriptor_pb2.FileDescriptorProto(name="chat.proto", package=PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        message = made.message_type.add(name=name)
        for number, text in enumerate(fields.split(", "), 1):
            kind, _, field = text.partition(" ")
            plain = kind.rstrip("*")
            one = message.field.add(name=field, number=number)
            one.label = _KIND.LABEL_REPEATED if kind.endswith("*") else _KIND.LABEL_OPTIONAL
            if plain in _TYPES:
                one.type = _TYPES[plain]
            else:
                one.type, one.type_name = _KIND.TYPE_MESSAGE, f".{PACKAGE}.{plain}"
    return made


_pool = descriptor_pool.DescriptorPool()
_pool.Add(file())


def message(name: str) -> Any:
    """The class of a message, as protoc's own code has it."""
    return message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
