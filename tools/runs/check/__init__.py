"""`samewire check`: runs Bazel, reads what tests leave while it works, comes to a verdict that one can act on."""
