"""The state that the host keeps for the package between calls. The manifest declares it as `capabilities.kv`.

One call is one transaction: what it writes is committed if the call succeeds, and discarded if it fails. In a test on this machine the
state is in memory; `clear` empties it.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

from . import _host
from ._errors import HostError

Ttl = float | datetime.timedelta | None


def get(key: str, default: bytes | None = None) -> bytes | None:
    """Returns the value of a key, or the default if the key does not exist."""
    try:
        return _host.functions().kv_get(key.encode())
    except HostError as error:
        if error.code == "not_found":
            return default
        raise


def get_json(key: str, default: Any = None) -> Any:
    """Returns the value of a key, decoded from JSON."""
    value = get(key)
    return default if value is None else json.loads(value)


def set(key: str, value: bytes | str, ttl: Ttl = None) -> None:  # noqa: A001, the name of the host's function
    """Sets a key. The value expires after `ttl` (seconds, or a `timedelta`) if it is given."""
    _host.functions().kv_set(key.encode(), _bytes(value), _ms(ttl))


def set_json(key: str, value: Any, ttl: Ttl = None) -> None:
    """Sets a key to a value in JSON."""
    set(key, json.dumps(value, ensure_ascii=False), ttl)


def delete(key: str) -> bool:
    """Removes a key. Returns whether it existed."""
    return _host.functions().kv_delete(key.encode())


def increment(key: str, by: int = 1) -> int:
    """Adds to a counter, which starts at 0, and returns its new value."""
    return _host.functions().kv_increment(key.encode(), by)


def compare_and_swap(key: str, expected: bytes | str | None, value: bytes | str | None, ttl: Ttl = None) -> bool:
    """Sets a key if its value is still the expected one. Returns whether it was.

    `None` as the expected value stands for a key that does not exist; as the new value it removes the key.
    """
    old = None if expected is None else _bytes(expected)
    new = None if value is None else _bytes(value)
    return _host.functions().kv_compare_and_swap(key.encode(), old, new, _ms(ttl))


def keys(prefix: str = "") -> Iterator[str]:
    """Iterates over the keys that start with a prefix, in the order of their bytes."""
    after = b""
    while page := _host.functions().kv_list(prefix.encode(), after, 1000):
        yield from (key.decode("utf-8", "replace") for key in page)
        after = page[-1]


def clear(prefix: str = "") -> None:
    """Removes every key that starts with a prefix."""
    for key in list(keys(prefix)):
        delete(key)


def _bytes(value: bytes | str) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"a value is bytes or text, not {type(value).__name__}; `set_json` stores other values")


def _ms(ttl: Ttl) -> int:
    if ttl is None:
        return 0
    seconds = ttl.total_seconds() if isinstance(ttl, datetime.timedelta) else ttl
    if seconds <= 0:
        raise ValueError("`ttl` must be more than 0 seconds")
    return max(1, round(seconds * 1000))
