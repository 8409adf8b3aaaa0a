"""Results in, views out: what Bazel did, what the tests said. Imports nothing from mock/, parity/ or perf/."""
