"""`samewire mock`: mock servers on the command line."""
