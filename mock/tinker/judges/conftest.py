"""What all judges need."""

import os

# Where the clients' packages are: PyPI's `tinker` would stand before the models that the server is made of.
os.environ.pop("PYTHONPATH", None)
