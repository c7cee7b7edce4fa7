"""The tools by which the SDK is checked: `mpp conformance . --complete`."""

import secrets
import sys
import time
from typing import NoReturn, NotRequired, TypedDict

import mpp


class Echo(TypedDict):
    """What was sent.

    Attributes:
        text: The text.
        characters: The number of its Unicode code points.
        number: The number.
    """

    text: str
    characters: int
    number: NotRequired[float]


class Instant(TypedDict):
    """The time.

    Attributes:
        unix_ms: Milliseconds since 1970.
    """

    unix_ms: int


class Random(TypedDict):
    """Random bytes.

    Attributes:
        hex: 16 bytes in hexadecimal.
    """

    hex: str


class Count(TypedDict):
    """The number of calls.

    Attributes:
        count: The number.
    """

    count: int


@mpp.tool
def conformance_echo(text: str, number: float | None = None) -> Echo:
    """Return the text, its length and the number.

    Args:
        text: A text.
        number: A number.
    """
    found: Echo = {"text": text, "characters": len(text)}
    if number is not None:
        found["number"] = number
    return found


@mpp.tool
def conformance_fail(code: str, message: str, retryable: bool) -> NoReturn:
    """Fail.

    Args:
        code: The code.
        message: The message.
        retryable: Whether the call may succeed later.
    """
    raise mpp.ToolError(message, code=code, retryable=retryable)


@mpp.tool
def conformance_crash() -> NoReturn:
    """Crash."""
    raise RuntimeError("on purpose")


@mpp.tool
def conformance_log(line: str) -> str:
    """Write to the log.

    Args:
        line: The line.
    """
    print(line, file=sys.stderr)
    return "logged"


@mpp.tool
def conformance_print(line: str) -> str:
    """Print.

    Args:
        line: The line.
    """
    print(line)
    return "printed"


@mpp.tool
def conformance_spin() -> NoReturn:
    """Never end."""
    while True:
        pass


@mpp.tool
def conformance_allocate(mebibytes: int) -> str:
    """Allocate memory.

    Args:
        mebibytes: How much.
    """
    memory = bytearray(mebibytes << 20)
    for at in range(0, len(memory), 4096):
        memory[at] = 1
    return "allocated"


@mpp.tool
def conformance_clock() -> Instant:
    """Return the time."""
    return {"unix_ms": time.time_ns() // 1_000_000}


@mpp.tool
def conformance_random() -> Random:
    """Return random bytes."""
    return {"hex": secrets.token_hex(16)}


calls = 0


@mpp.tool
def conformance_count() -> Count:
    """Count calls."""
    global calls
    calls += 1
    return {"count": calls}
