"""Fronts: bytes of a connection to requests, answers to bytes."""
