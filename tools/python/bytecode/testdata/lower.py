"""Imported by upper.py."""

ANSWER = 42
