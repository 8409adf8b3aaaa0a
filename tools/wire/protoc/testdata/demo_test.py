"""The descriptor set of a proto_library holds its own file, with the option and the route as written."""

import os
import unittest
from pathlib import Path

from google.protobuf import descriptor_pb2

SET = "_main/tools/wire/protoc/testdata/demo_proto-descriptor-set.proto.bin"


class Demo(unittest.TestCase):
    def test_descriptor_set(self) -> None:
        files = descriptor_pb2.FileDescriptorSet.FromString(Path(os.environ["TEST_SRCDIR"], SET).read_bytes())
        self.assertEqual([f.name for f in files.file], ["tools/wire/protoc/testdata/demo.proto"])
        (file,) = files.file
        self.assertEqual(
            list(file.dependency),
            ["google/api/annotations.proto", "google/protobuf/descriptor.proto", "google/protobuf/timestamp.proto"],
        )
        self.assertIn(b"m/s", file.message_type[0].field[1].options.SerializeToString())
        self.assertIn(b"/v1/readings", file.service[0].method[0].options.SerializeToString())


if __name__ == "__main__":
    unittest.main()
