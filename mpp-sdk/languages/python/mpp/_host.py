"""The functions of the host: those that a component imports, or stand-ins on this machine."""

from __future__ import annotations

from ._errors import Denied, HostError
from ._functions import STATUSES, HostFunctions

_functions: HostFunctions | None = None


def functions() -> HostFunctions:
    """Returns the host's functions. In a test they use this machine's network, and a state in memory."""
    global _functions
    if _functions is None:
        from ._native import Native

        _functions = Native()
    return _functions


def use(functions: HostFunctions) -> None:
    """Sets the functions that tools use from now on."""
    global _functions
    _functions = functions


def failure(status: int, message: str) -> Exception:
    """Returns the exception for a status, which is its position in `STATUSES`."""
    code = STATUSES[status] if 0 <= status < len(STATUSES) else "unavailable"
    return Denied(message) if code == "denied" else HostError(code, message)
