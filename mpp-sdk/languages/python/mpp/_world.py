"""What surrounds a tool besides the network and the state: environment variables."""

from __future__ import annotations

import os

from ._errors import Denied


def env(name: str) -> str:
    """Returns an environment variable that the manifest declares in `env_vars`.

    Raises:
        Denied: The variable is not declared, or not set.
    """
    value = os.environ.get(name)
    if value is None:
        message = (
            f"the environment variable `{name}` is not set; declare it in `env_vars` of manifest.json, and set it when the tool runs"
        )
        raise Denied(message, variable=name)
    return value
