"""Starts the reader with whatever Python there is: `python3 -I -S start.py WORKSPACE last`. `./samewire` calls it.

Exits with 97 where the reader can't work with this Python, or this history needs more: then Bazel's Python does it.
"""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - any Python may be asked
        sys.exit(97)
    try:
        import sqlite3  # noqa: F401 - left out of some builds of Python
    except ImportError:
        sys.exit(97)
    sys.path.insert(0, sys.argv[1])
    from tools.runs.history import reader

    sys.exit(reader.main(sys.argv[2:], sys.argv[1]))
