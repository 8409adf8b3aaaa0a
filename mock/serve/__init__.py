"""Serving definitions that nobody wrote a backend for: answers come out of the definitions."""
