"""Errors that tools raise, and those that the host answers with."""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True)
class Mistake:
    """A mistake in the arguments of a call."""

    #: The JSON pointer (RFC 6901) to the wrong value; empty for the arguments as a whole.
    pointer: str
    message: str
    #: The name that was probably meant.
    nearest: str | None = None

    def __str__(self) -> str:
        place = f"`{self.pointer}`: " if self.pointer else ""
        meant = f"; did you mean `{self.nearest}`?" if self.nearest is not None else ""
        return f"{place}{self.message}{meant}"

    def to_json(self) -> dict[str, str]:
        """Returns the mistake as a member of a response."""
        found = {"pointer": self.pointer, "message": self.message}
        return found if self.nearest is None else {**found, "nearest": self.nearest}


class InvalidArguments(Exception):
    """The arguments of a call do not fit the schema. It has at least one mistake."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(map(str, mistakes)))
        self.mistakes = mistakes
