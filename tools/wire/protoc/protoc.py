"""protoc, as the grpcio-tools wheel brings it: what --proto_compiler points at, so nothing compiles protobuf's C++."""

import sys

from grpc_tools import _protoc_compiler

if __name__ == "__main__":
    # Only what the command line names is on the import path: a proto_library must declare google/protobuf too.
    sys.exit(_protoc_compiler.run_main([argument.encode() for argument in sys.argv]))
