"""Editions features: proto2 and proto3 are fixed sets of them, an edition's are inherited from file to field.

Source: protobuf.dev/editions/features, "Feature settings for editions".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from google.protobuf.descriptor_pb2 import Edition, FeatureSet, FieldDescriptorProto, FileDescriptorProto


@dataclass(frozen=True, slots=True)
class Features:
    """What holds at one place. `presence`: "explicit", "implicit" or "required"."""

    presence: str
    closed_enums: bool
    packed: bool
    delimited: bool

    def overlaid(self, own: FeatureSet) -> Features:
        """These features with what `own` says put over them."""
        result = self
        if own.field_presence:
            result = replace(result, presence=_PRESENCE[own.field_presence])
        if own.enum_type:
            result = replace(result, closed_enums=own.enum_type == FeatureSet.CLOSED)
        if own.repeated_field_encoding:
            result = replace(result, packed=own.repeated_field_encoding == FeatureSet.PACKED)
        if own.message_encoding:
            result = replace(result, delimited=own.message_encoding == FeatureSet.DELIMITED)
        return result


_PRESENCE = {
    FeatureSet.EXPLICIT: "explicit",
    FeatureSet.IMPLICIT: "implicit",
    FeatureSet.LEGACY_REQUIRED: "required",
}

_DEFAULTS = {
    "proto2": Features(presence="explicit", closed_enums=True, packed=False, delimited=False),
    "proto3": Features(presence="implicit", closed_enums=False, packed=True, delimited=False),
    "2023": Features(presence="explicit", closed_enums=False, packed=True, delimited=False),
}


def syntax_of(proto: FileDescriptorProto) -> str:
    """ "proto2", "proto3", "2023", or the name of an edition that is not supported."""
    if proto.syntax == "editions":
        return Edition.Name(proto.edition).removeprefix("EDITION_")
    return proto.syntax or "proto2"


def file_features(proto: FileDescriptorProto) -> Features:
    """Raises KeyError for an edition that is not supported."""
    return _DEFAULTS[syntax_of(proto)].overlaid(proto.options.features)


def field_features(proto: FieldDescriptorProto, syntax: str, inherited: Features) -> Features:
    """The features of one field, the ways of proto2 and proto3 (labels, `packed`, groups) taken into account."""
    result = inherited.overlaid(proto.options.features)
    if proto.options.HasField("packed"):
        result = replace(result, packed=proto.options.packed)
    if proto.type == FieldDescriptorProto.TYPE_GROUP:
        result = replace(result, delimited=True)
    if syntax == "proto2" and proto.label == FieldDescriptorProto.LABEL_REQUIRED:
        result = replace(result, presence="required")
    if syntax == "proto3" and proto.proto3_optional:
        result = replace(result, presence="explicit")
    return result
