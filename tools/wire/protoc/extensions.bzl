"""The .proto files that wheels bring, as proto_library targets, one a file.

    google/protobuf/timestamp.proto    @samewire_protos//google/protobuf:timestamp_proto
    google/api/annotations.proto       @samewire_protos//google/api:annotations_proto
    conformance/conformance.proto      @conformance_protos//conformance:conformance_proto

`@samewire_protos` holds what grpcio-tools and googleapis-common-protos bring, `@conformance_protos` Google's conformance
suite with the well-known types of its own release; don't mix the two in one target.
"""

load("//tools/wire/protoc/private:protos.bzl", _protos = "protos")

protos = _protos
