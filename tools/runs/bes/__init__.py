"""The build event service on this machine: takes what Bazel sends with --bes_backend, keeps it, hands it on live."""
