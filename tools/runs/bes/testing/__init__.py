"""A client that does what Bazel's uploader does, and servers that can be killed."""
