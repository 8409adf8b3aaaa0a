"""The annotations of wire/v1/wire.proto, decoded into plain values."""
