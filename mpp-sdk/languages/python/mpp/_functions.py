"""The functions of the host. This file is generated from the table of host functions by `cargo xtask gen`."""

from __future__ import annotations

from typing import Protocol

#: What a function can fail with, in the order of the host's numbers.
STATUSES = (
    "not_found",  # The key does not exist.
    "denied",  # The manifest does not declare the capability, or the caller did not grant it.
    "invalid",  # An argument is invalid.
    "full",  # The quota is exhausted.
    "too_large",  # A key, a value, a request or a response is larger than allowed.
    "conflict",  # A concurrent call changed the same state. Repeating the whole call may succeed.
    "timeout",  # The server did not respond in time.
    "connection",  # The server could not be reached, or the connection broke.
    "unavailable",  # The state cannot be used, for example because its disk is full.
)

#: The interface of each function, and the capability that it needs.
INTERFACES = {
    "http_send": ("http", "network"),
    "kv_get": ("kv", "kv"),
    "kv_set": ("kv", "kv"),
    "kv_delete": ("kv", "kv"),
    "kv_list": ("kv", "kv"),
    "kv_compare_and_swap": ("kv", "kv"),
    "kv_increment": ("kv", "kv"),
}


class HostFunctions(Protocol):
    """What the host does for a tool."""

    def http_send(self, request: bytes) -> bytes:
        """Sends an HTTP request and waits for the response."""
        ...

    def kv_get(self, key: bytes) -> bytes:
        """Reads a value."""
        ...

    def kv_set(self, key: bytes, value: bytes, ttl_ms: int) -> None:
        """Sets a value."""
        ...

    def kv_delete(self, key: bytes) -> bool:
        """Removes a key."""
        ...

    def kv_list(self, prefix: bytes, after: bytes, limit: int) -> list[bytes]:
        """Lists at most `limit` keys (1 to 1000) that start with `prefix` (length 0: all keys) and follow the key `after` (length 0: from the first key), in byte order."""
        ...

    def kv_compare_and_swap(self, key: bytes, expected: bytes | None, value: bytes | None, ttl_ms: int) -> bool:
        """Sets `value` if the current value equals `expected`."""
        ...

    def kv_increment(self, key: bytes, by: int) -> int:
        """Adds `by` to a counter; a missing key counts as 0."""
        ...
