"""gRPC over HTTP/2: messages in frames, status in trailers, deadlines, metadata, reflection and health."""
