"""The engine as a process: listeners, certificates, signals."""
