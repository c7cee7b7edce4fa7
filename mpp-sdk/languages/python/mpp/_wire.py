"""Answers requests: one JSON-RPC request becomes one response."""

from __future__ import annotations

import inspect
import json
import re
import sys
from typing import Any

from ._content import CONTENT
from ._errors import Denied, HostError, InvalidArguments, ToolError
from ._nearest import nearest
from ._schema import NoForm, to_json
from ._tools import definitions, find, tools
from .http import RequestException


class _Failure(Exception):
    """The error of a response."""

    def __init__(self, code: int, kind: str, message: str, /, **data: Any) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message, "data": {"kind": kind, **data}}


def handle(line: str | bytes) -> str:
    """Returns the response to a request, on one line without its end.

    An exception of a tool that is neither a `ToolError` nor one of the host is raised.
    """
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": None}
    try:
        request = _parsed(line)
        if not isinstance(request, dict) or request.get("jsonrpc") != "2.0" or "id" not in request:
            raise _invalid_request("expected a JSON-RPC 2.0 request with an id")
        answer["id"] = request["id"]
        method = request.get("method")
        if not isinstance(method, str):
            raise _invalid_request("the request needs a string as `method`")
        answer["result"] = _answered(method, request.get("params"))
    except _Failure as failure:
        answer["error"] = failure.error
    try:
        return _text(answer)
    except (TypeError, ValueError) as error:
        del answer["result"]
        return _text(answer | {"error": _unwritable(error).error})


def _parsed(line: str | bytes) -> Any:
    try:
        text = line if isinstance(line, str) else line.decode("utf-8")
        request = json.loads(text, parse_constant=_no_constant)
        if "\\ud" in text.lower():
            # Halves of surrogate pairs are no characters. A tool could not even print them.
            json.dumps(request, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise _Failure(-32700, "parse_error", f"the request is not JSON: {error}") from None
    return request


def _no_constant(name: str) -> None:
    raise ValueError(f"`{name}` is not a value of JSON")


def _text(answer: dict[str, Any]) -> str:
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Halves of surrogate pairs, which UTF-8 does not have, become U+FFFD.
    return _SURROGATES.sub("\ufffd", text)


_SURROGATES = re.compile("[\ud800-\udfff]")


def _answered(method: str, params: Any) -> dict[str, Any]:
    if method == "tools/list":
        return {"tools": definitions()}
    if method != "tools/call":
        raise _Failure(-32601, "method_not_found", f"there is no method `{method}`; expected `tools/list` or `tools/call`")
    if not isinstance(params, dict) or not isinstance(params.get("name"), str):
        raise _invalid_request("`params` of `tools/call` must be an object with `name`, a string, and `arguments`")
    given = params.get("arguments")
    return _called(params["name"], {} if given is None else given)


def _invalid_request(message: str) -> _Failure:
    return _Failure(-32600, "invalid_request", message)


def _called(name: str, given: Any) -> dict[str, Any]:
    tool = find(name)
    if tool is None:
        raise _unknown(name)
    try:
        arguments = tool.arguments.read(given, "")
    except InvalidArguments as error:
        message = f"the arguments do not fit `{name}`: {error}"
        listed = [mistake.to_json() for mistake in error.mistakes]
        raise _Failure(
            -32602, "invalid_arguments", message, tool=name, pointer=error.mistakes[0].pointer, mistakes=listed
        ) from None
    try:
        value = _run(tool.function(**arguments))
    except Exception as error:
        failure = _failure(error)
        if failure is None:
            raise
        raise failure from None
    try:
        return _result(value)
    except NoForm as error:
        raise _unwritable(error) from None


def _unknown(name: str) -> _Failure:
    known = [tool.name for tool in tools()]
    meant = nearest(name, known)
    if meant is None:
        hint = f"; the tools are {', '.join(f'`{other}`' for other in known)}" if known else ""
        return _Failure(-32602, "unknown_tool", f"there is no tool `{name}`{hint}", tool=name)
    return _Failure(-32602, "unknown_tool", f"there is no tool `{name}`; did you mean `{meant}`?", tool=name, nearest=meant)


def _unwritable(error: Exception) -> _Failure:
    return _Failure(-31000, "tool_error", f"the result cannot be written as JSON: {error}", code="failed", retryable=False)


def _run(value: Any) -> Any:
    """Runs a coroutine to its end. It can await other coroutines, but nothing that takes time: no event loop runs it."""
    if not inspect.iscoroutine(value):
        return value
    try:
        value.send(None)
    except StopIteration as ended:
        return ended.value
    value.close()
    raise RuntimeError("the tool awaits something that only an event loop provides; the sandbox has none")


def _result(value: Any) -> dict[str, Any]:
    if value is None:
        return {"content": [], "isError": False}
    parts = list(value) if isinstance(value, (list, tuple)) else [value]
    if isinstance(value, str) or parts and all(isinstance(part, (*CONTENT, str)) for part in parts) and any(
        isinstance(part, CONTENT) for part in parts
    ):
        content = [{"type": "text", "text": part} if isinstance(part, str) else part.to_json() for part in parts]
        return {"content": content, "isError": False}
    return {"content": [], "structuredContent": to_json(value), "isError": False}


def _failure(error: BaseException) -> _Failure | None:
    """Converts an exception that a tool raised; `None` if it is a crash."""
    if denied := _denial(error):
        claim = {"variable": denied.variable, "path": denied.path}
        return _Failure(-31001, "capability_denied", denied.message, **{key: name for key, name in claim.items() if name})
    if isinstance(error, ToolError):
        cause = error.__cause__
        if cause is not None:
            print(f"caused by: {type(cause).__name__}: {cause}", file=sys.stderr)
        return _Failure(-31000, "tool_error", error.message, code=error.code, retryable=error.retryable)
    if isinstance(error, (HostError, RequestException)):
        retryable = error.code in ("timeout", "connection", "conflict")
        return _Failure(-31000, "tool_error", str(error), code=error.code, retryable=retryable)
    return None


def _denial(error: BaseException | None) -> Denied | None:
    """Returns the denial that an exception is, or is caused by."""
    seen = 0
    while error is not None and seen < 32:
        if isinstance(error, Denied):
            return error
        if isinstance(error, PermissionError) and isinstance(error.filename, str):
            return Denied(f"the host denied the access to `{error.filename}`", path=error.filename)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        seen += 1
    return None
