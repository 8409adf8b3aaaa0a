"""Plugin for pytest: flakes found, tried again, and quarantined by a reviewed file; isolation under pytest-xdist."""

__version__ = "0.1.0"
