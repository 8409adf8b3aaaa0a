"""Imports lower.py."""

from tools.python.bytecode.testdata.lower import ANSWER as ANSWER
