"""The public Starlark surface of Samewire.

```starlark
load("//tools:defs.bzl", "pytest_test")  # from another workspace: "@samewire//tools:defs.bzl"
```

What stands here is stable and documented; what stands behind it, in `private/` folders, is neither.
"""

load("//tools/private:golden.bzl", _golden_test = "golden_test")
load("//tools/private:pytest_test.bzl", _pytest_test = "pytest_test")
load("//tools/private:sources.bzl", _sources = "sources")
load("//tools/wire/fixtures:wire_fixtures.bzl", _wire_fixtures = "wire_fixtures")
load("//tools/wire/private:wire_library.bzl", _wire_library = "wire_library")

golden_test = _golden_test
pytest_test = _pytest_test
sources = _sources
wire_fixtures = _wire_fixtures
wire_library = _wire_library
