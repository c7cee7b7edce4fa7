"""HTTP requests through the host, with the interface of the package `requests`.

::

    response = mpp.http.get("https://api.example.com/v1/customers", params={"q": "ada"}, timeout=5)
    response.raise_for_status()
    customers = response.json()

The host sends a request after it has checked that the manifest declares its host in `capabilities.network`. In a test on this machine,
the standard library sends it.
"""

from __future__ import annotations

import base64
import json as _json
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import _host
from ._errors import HostError

Pairs = Mapping[str, Any] | Iterable[tuple[str, Any]]


class RequestException(Exception):
    """A request without a usable response. `code` names the failure; `response` is the response, if there is one."""

    def __init__(self, message: str, *, code: str = "connection", response: Response | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.response = response


class Timeout(RequestException):
    """The server did not respond in time."""


class ConnectionError(RequestException):  # noqa: A001, the name of requests
    """The server could not be reached, or the connection broke."""


class HTTPError(RequestException):
    """The status of a response is an error."""


class InvalidRequest(RequestException, ValueError):
    """The request cannot be sent, for example because its URL is not one."""


class Headers(Mapping[str, str]):
    """The headers of a response. Names are compared without case; repeated ones are joined by a comma."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._members: dict[str, str] = {}
        for name, value in pairs:
            known = self._members.get(name.lower())
            self._members[name.lower()] = value if known is None else f"{known}, {value}"

    def __getitem__(self, name: str) -> str:
        return self._members[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return repr(self._members)


class Response:
    """A response, whatever its status."""

    def __init__(self, status_code: int, url: str, headers: Headers, content: bytes) -> None:
        #: The status code, for example 200.
        self.status_code = status_code
        #: The URL of the last request, after redirects.
        self.url = url
        #: The headers.
        self.headers = headers
        #: The whole body.
        self.content = content

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    @property
    def is_redirect(self) -> bool:
        """Whether the response is a redirect that was not followed: its status says so, and it has a `location`."""
        return self.status_code in (301, 302, 303, 307, 308) and "location" in self.headers

    @property
    def encoding(self) -> str:
        """The character set of the body, according to its `content-type`; UTF-8 if it names none."""
        for part in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = part.strip().partition("=")
            if name.lower() == "charset" and value:
                return value.strip("\"'")
        return "utf-8"

    @property
    def text(self) -> str:
        """The body as text. What cannot be decoded is replaced."""
        try:
            return self.content.decode(self.encoding, "replace")
        except LookupError:
            return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """Decodes the body.

        Raises:
            RequestException: The body is not JSON.
        """
        try:
            return _json.loads(self.content)
        except ValueError as error:
            raise RequestException(f"the response of {self.url} is not JSON: {error}", code="not_json", response=self) from None

    def raise_for_status(self) -> None:
        """Raises an `HTTPError` if the status is 400 or higher."""
        if not self.ok:
            raise HTTPError(f"{self.url} answered with status {self.status_code}", code="http_status", response=self)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<Response [{self.status_code}]>"


class Session:
    """Headers and parameters that several requests have in common."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.params: dict[str, Any] = {}
        self.auth: tuple[str, str] | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Does nothing: the host keeps the connections."""

    def request(
        self,
        method: str,
        url: str,
        *,
        params: Pairs | None = None,
        headers: Pairs | None = None,
        data: bytes | str | Pairs | None = None,
        json: Any = None,
        auth: tuple[str, str] | None = None,
        timeout: float | tuple[float, float] | None = None,
        allow_redirects: bool = True,
    ) -> Response:
        """Sends a request and returns the response, whatever its status.

        Args:
            method: The method, for example `GET`.
            url: The absolute URL.
            params: Names and values that are encoded and added to the URL.
            headers: Headers.
            data: The body; a form if it is neither text nor bytes.
            json: A value that is sent as JSON.
            auth: A user and a password for basic authentication.
            timeout: The seconds until a response must be complete; the rest of the call's time if it is absent.
            allow_redirects: Whether redirects are followed.

        Raises:
            mpp.Denied: The manifest does not declare the host, or the host did not grant it.
            Timeout: The server did not respond in time.
            ConnectionError: The server could not be reached.
            RequestException: The request cannot be sent, or the response is too large.
        """
        body, content_type = _body(data, json)
        named = {name.lower(): (name, str(value)) for name, value in [*_pairs(self.headers), *_pairs(headers)] if value is not None}
        if content_type is not None:
            named.setdefault("content-type", ("content-type", content_type))
        if user := auth or self.auth:
            token = base64.b64encode(f"{user[0]}:{user[1]}".encode()).decode()
            named.setdefault("authorization", ("authorization", f"Basic {token}"))
        head: dict[str, Any] = {
            "method": method.upper(),
            "url": _with_query(str(url), [*_pairs(self.params), *_pairs(params)]),
            "headers": list(named.values()),
        }
        if timeout is not None:
            seconds = sum(timeout) if isinstance(timeout, tuple) else timeout
            head["timeout_ms"] = max(1, round(seconds * 1000))
        if not allow_redirects:
            head["redirects"] = 0
        return _send(head, body)

    def get(self, url: str, **options: Any) -> Response:
        """Sends a `GET` request; see `request`."""
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> Response:
        """Sends a `HEAD` request; see `request`."""
        return self.request("HEAD", url, **{"allow_redirects": False, **options})

    def options(self, url: str, **options: Any) -> Response:
        """Sends an `OPTIONS` request; see `request`."""
        return self.request("OPTIONS", url, **options)

    def post(self, url: str, data: Any = None, json: Any = None, **options: Any) -> Response:
        """Sends a `POST` request; see `request`."""
        return self.request("POST", url, data=data, json=json, **options)

    def put(self, url: str, data: Any = None, **options: Any) -> Response:
        """Sends a `PUT` request; see `request`."""
        return self.request("PUT", url, data=data, **options)

    def patch(self, url: str, data: Any = None, **options: Any) -> Response:
        """Sends a `PATCH` request; see `request`."""
        return self.request("PATCH", url, data=data, **options)

    def delete(self, url: str, **options: Any) -> Response:
        """Sends a `DELETE` request; see `request`."""
        return self.request("DELETE", url, **options)


def request(method: str, url: str, **options: Any) -> Response:
    """Sends a request; see `Session.request`."""
    return Session().request(method, url, **options)


def get(url: str, **options: Any) -> Response:
    """Sends a `GET` request; see `Session.request`."""
    return Session().get(url, **options)


def head(url: str, **options: Any) -> Response:
    """Sends a `HEAD` request; see `Session.request`."""
    return Session().head(url, **options)


def options(url: str, **options: Any) -> Response:
    """Sends an `OPTIONS` request; see `Session.request`."""
    return Session().options(url, **options)


def post(url: str, data: Any = None, json: Any = None, **options: Any) -> Response:
    """Sends a `POST` request; see `Session.request`."""
    return Session().post(url, data, json, **options)


def put(url: str, data: Any = None, **options: Any) -> Response:
    """Sends a `PUT` request; see `Session.request`."""
    return Session().put(url, data, **options)


def patch(url: str, data: Any = None, **options: Any) -> Response:
    """Sends a `PATCH` request; see `Session.request`."""
    return Session().patch(url, data, **options)


def delete(url: str, **options: Any) -> Response:
    """Sends a `DELETE` request; see `Session.request`."""
    return Session().delete(url, **options)


def _send(head: dict[str, Any], body: bytes) -> Response:
    text = _json.dumps(head).encode()
    try:
        reply = _host.functions().http_send(struct.pack("<I", len(text)) + text + body)
    except HostError as error:
        of = {"timeout": Timeout, "connection": ConnectionError, "invalid": InvalidRequest}.get(error.code, RequestException)
        raise of(error.message, code=error.code) from None
    length = struct.unpack_from("<I", reply)[0]
    answered = _json.loads(reply[4 : 4 + length])
    return Response(answered["status"], answered["url"], Headers(answered["headers"]), reply[4 + length :])


def _pairs(pairs: Pairs | None) -> list[tuple[str, Any]]:
    if pairs is None:
        return []
    return list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs)


def _body(data: bytes | str | Pairs | None, json: Any) -> tuple[bytes, str | None]:
    """Returns the body, and its type if it is known."""
    if json is not None:
        return _json.dumps(json).encode(), "application/json"
    if data is None:
        return b"", None
    if isinstance(data, (bytes, bytearray)):
        return bytes(data), None
    if isinstance(data, str):
        return data.encode(), None
    return _form(_pairs(data)).encode(), "application/x-www-form-urlencoded"


def _with_query(url: str, pairs: list[tuple[str, Any]]) -> str:
    url, mark, fragment = url.partition("#")
    query = _form(pairs)
    if query:
        url += ("&" if "?" in url else "?") + query
    return url + mark + fragment


def _form(pairs: list[tuple[str, Any]]) -> str:
    parts = []
    for name, value in pairs:
        values = value if isinstance(value, (list, tuple)) else [value]
        parts += [f"{_escaped(name)}={_escaped(one)}" for one in values if one is not None]
    return "&".join(parts)


_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _escaped(text: Any) -> str:
    """Encodes everything but the unreserved characters of RFC 3986."""
    raw = text if isinstance(text, bytes) else str(text).encode()
    return "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in raw)
