"""Errors that tools raise, and those that the host answers with."""

from __future__ import annotations


class ToolError(Exception):
    """An error that the agent receives.

    `message` says what happened and what to do next; an agent reads it. `code` is a word in snake case by which the error can be told
    apart. `retryable` says that the same call may succeed later.

    Every other exception that leaves a tool is a crash: the agent learns that the tool crashed, and the traceback is in the log.
    """

    def __init__(self, message: str, *, code: str = "failed", retryable: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.retryable = retryable


class Denied(Exception):
    """The manifest does not declare what the tool asked for, or the host did not grant it.

    The agent receives it as `capability_denied`, with what would allow it, also if it is the cause of another exception.
    """

    def __init__(self, message: str, *, variable: str | None = None, path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.variable = variable
        self.path = path


class HostError(Exception):
    """A failure of a host function.

    `code` is `not_found`, `invalid`, `full`, `too_large`, `conflict`, `timeout`, `connection` or `unavailable`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class DefinitionError(TypeError):
    """A function cannot be published as a tool. The build fails with it, not a call."""


# Tracebacks show the names under which authors know these.
for _error in (ToolError, Denied, HostError, DefinitionError):
    _error.__module__ = "mpp"


class InvalidArguments(Exception):
    """The arguments of a call do not fit the schema. `pointer` is a JSON pointer to the one at fault."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(f"{_place(pointer)}: {message}")
        self.pointer = pointer


def _place(pointer: str) -> str:
    return f"the argument `{pointer[1:]}`" if pointer.count("/") == 1 else f"the arguments at `{pointer}`" if pointer else "the arguments"
