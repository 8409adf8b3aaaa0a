"""The user's own package index, said in uv's words: uv does not read pip.conf."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

# pip's setting, uv's variable.
_SETTINGS = (("index-url", "UV_DEFAULT_INDEX"), ("extra-index-url", "UV_INDEX"), ("cert", "SSL_CERT_FILE"))


def environment(python: Path) -> dict[str, str]:
    """The environment to run uv in.

    Args:
        python: an interpreter that has pip; pip finds the user's settings (files and PIP_* variables).

    Returns:
        This process's environment with the settings added where no uv variable says otherwise.
    """
    env = dict(os.environ)
    asked = subprocess.run([python, "-B", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    settings: dict[str, str] = {}
    for line in asked.stdout.splitlines():
        key, equals, value = line.partition("=")
        if equals:  # global.index-url='https://…', :env:.cert='…'
            settings[key.rsplit(".", 1)[-1]] = value.strip("'")
    for pip_name, uv_name in _SETTINGS:
        if pip_name in settings:
            env.setdefault(uv_name, settings[pip_name])
    env.pop("VIRTUAL_ENV", None)
    env.setdefault("UV_SYSTEM_CERTS", "true")
    return env
