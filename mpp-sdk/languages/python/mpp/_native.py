"""The host's functions on this machine, for tests: its network, and a state in memory."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ._errors import HostError

if TYPE_CHECKING:
    from urllib.request import BaseHandler


class Native:
    """Stands in for the host."""

    def __init__(self) -> None:
        self.state: dict[bytes, tuple[bytes, float | None]] = {}

    def http_send(self, request: bytes) -> bytes:
        """Sends a request with the standard library."""
        import http.client
        import urllib.error
        import urllib.parse
        import urllib.request

        length = struct.unpack_from("<I", request)[0]
        head = json.loads(request[4 : 4 + length])
        if urllib.parse.urlsplit(head["url"]).scheme not in ("http", "https"):
            raise HostError("invalid", "the URL is not allowed: its scheme is neither `https` nor `http`")
        sent = urllib.request.Request(head["url"], data=request[4 + length :] or None, method=head["method"])
        for name, value in head["headers"]:
            sent.add_header(name, value)
        handlers = [_no_redirects()] if head.get("redirects") == 0 else []
        try:
            with urllib.request.build_opener(*handlers).open(sent, timeout=head.get("timeout_ms", 30_000) / 1000) as response:
                return _reply(response.status, response.url, response.headers.items(), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return _reply(error.code, error.url or head["url"], error.headers.items(), error.read())
        except TimeoutError:
            raise HostError("timeout", "the server did not respond in time") from None
        except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
            code = "timeout" if isinstance(getattr(error, "reason", None), TimeoutError) else "connection"
            raise HostError(code, f"the server could not be reached: {error}") from None

    def kv_get(self, key: bytes) -> bytes:
        """Reads a value."""
        value = self._value(_key(key))
        if value is None:
            raise HostError("not_found", "there is no such key")
        return value

    def kv_set(self, key: bytes, value: bytes, ttl_ms: int) -> None:
        """Sets a value."""
        self.state[_key(key)] = (value, time.monotonic() + ttl_ms / 1000 if ttl_ms else None)

    def kv_delete(self, key: bytes) -> bool:
        """Removes a key."""
        was_there = self._value(_key(key)) is not None
        self.state.pop(key, None)
        return was_there

    def kv_list(self, prefix: bytes, after: bytes, limit: int) -> list[bytes]:
        """Lists keys."""
        if not 1 <= limit <= 1000:
            raise HostError("invalid", "the limit is 1 to 1000")
        found = (key for key in sorted(self.state) if key.startswith(prefix) and key > after and self._value(key) is not None)
        return [key for _, key in zip(range(limit), found)]

    def kv_compare_and_swap(self, key: bytes, expected: bytes | None, value: bytes | None, ttl_ms: int) -> bool:
        """Sets a value if it is still the expected one."""
        if self._value(_key(key)) != expected:
            return False
        if value is None:
            self.state.pop(key, None)
        else:
            self.kv_set(key, value, ttl_ms)
        return True

    def kv_increment(self, key: bytes, by: int) -> int:
        """Adds to a counter."""
        known = self._value(_key(key))
        try:
            value = int(known or b"0") + by
        except ValueError:
            raise HostError("invalid", "the value is not a number") from None
        if not -(2**63) <= value < 2**63:
            raise HostError("invalid", "the sum overflows")
        expires = self.state[key][1] if known is not None else None
        self.state[key] = (str(value).encode(), expires)
        return value

    def _value(self, key: bytes) -> bytes | None:
        value, expires = self.state.get(key, (None, None))
        return None if expires is not None and expires <= time.monotonic() else value


def _key(key: bytes) -> bytes:
    if not 1 <= len(key) <= 1024:
        raise HostError("too_large" if key else "invalid", f"a key has 1 to 1024 bytes; this one has {len(key)}")
    return key


def _reply(status: int, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    pairs = [[name.lower(), value] for name, value in headers]
    head = json.dumps({"status": status, "url": url, "headers": pairs}).encode()
    return struct.pack("<I", len(head)) + head + body


def _no_redirects() -> BaseHandler:
    import urllib.request

    class NoRedirects(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    return NoRedirects()


