"""The public Starlark surface of Samewire.

```starlark
load("//tools:defs.bzl", "pytest_test")  # from another workspace: "@samewire//tools:defs.bzl"
```

What stands here is stable and documented; what stands behind it, in `private/` folders, is neither.
"""

load("//tools/langs/private:elixir.bzl", _mix_format_test = "mix_format_test", _mix_program = "mix_program", _mix_test = "mix_test")
load("//tools/langs/private:go.bzl", _go_program = "go_program", _go_test = "go_test", _gofmt_test = "gofmt_test")
load("//tools/langs/private:java.bzl", _java_main_test = "java_main_test", _java_program = "java_program")
load("//tools/langs/private:node.bzl", _node_program = "node_program", _node_test = "node_test", _typescript_check_test = "typescript_check_test")
load("//tools/langs/private:rust.bzl", _rust_program = "rust_program", _rust_test = "rust_test", _rustfmt_test = "rustfmt_test")
load("//tools/private:golden.bzl", _golden_test = "golden_test")
load("//tools/private:pb2_library.bzl", _pb2_library = "pb2_library")
load("//tools/private:pytest_test.bzl", _pytest_test = "pytest_test")
load("//tools/private:sources.bzl", _sources = "sources")
load("//tools/wire/fixtures:wire_fixtures.bzl", _wire_fixtures = "wire_fixtures")
load("//tools/wire/private:wire_library.bzl", _wire_library = "wire_library")

go_program = _go_program
go_test = _go_test
gofmt_test = _gofmt_test
golden_test = _golden_test
java_main_test = _java_main_test
java_program = _java_program
mix_format_test = _mix_format_test
mix_program = _mix_program
mix_test = _mix_test
node_program = _node_program
node_test = _node_test
pb2_library = _pb2_library
pytest_test = _pytest_test
rust_program = _rust_program
rust_test = _rust_test
rustfmt_test = _rustfmt_test
sources = _sources
typescript_check_test = _typescript_check_test
wire_fixtures = _wire_fixtures
wire_library = _wire_library
