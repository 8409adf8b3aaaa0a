"""Shards of equal length: durations from history, written as the files that `pytest_test(durations = …)` reads."""
