"""The page at /__samewire: what a mock is asked, and what it is told, in a browser."""
