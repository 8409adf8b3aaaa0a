"""A Tinker service that is not there: stateful, deterministic, one for all generations of clients."""
