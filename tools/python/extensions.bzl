"""Locked Python wheels as Bazel targets.

```starlark
wheels = use_extension("//tools/python:extensions.bzl", "wheels")
wheels.lock(name = "pypi", lock = "//tools/python:requirements.txt")
use_repo(wheels, "pypi")
```

`@pypi//:httpx` is then a py_library with everything that httpx needs; `@pypi//:ruff.bin` is the executable that the wheel
brings. A name is the distribution's, lower case, with `_` for `-` and `.`.
"""

load("//tools/python/private:wheels.bzl", _wheels = "wheels")

wheels = _wheels
