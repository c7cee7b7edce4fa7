"""The tools of a program: the functions that `@mpp.tool` annotates."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Callable, Literal, TypeVar

from ._content import CONTENT
from ._docstring import parse
from ._errors import DefinitionError
from ._schema import MISSING, Field, Kind, Object, Unsupported, kind_of, schema_of

F = TypeVar("F", bound=Callable[..., Any])
Level = Literal["low", "medium", "high", "critical"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEVELS = typing.get_args(Level)


@dataclass
class Tool:
    """A function, and what an agent reads about it."""

    name: str
    function: Callable[..., Any]
    arguments: Object
    definition: dict


_tools: dict[str, Tool] = {}


def tool(
    function: F | None = None,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    security: Level = "low",
    read_only: bool | None = None,
    destructive: bool | None = None,
    idempotent: bool | None = None,
    open_world: bool | None = None,
) -> Any:
    """Makes a tool of a function. Its type hints become the schema of its arguments, and its docstring describes it.

    The function itself stays as it is, so that tests can call it.

    Args:
        function: The function. It takes no other arguments than named ones with type hints.
        name: The name; that of the function if it is absent.
        title: A name for people.
        description: The description; the docstring without its sections if it is absent.
        security: How much harm a call can do. `low`: it reads nothing private and changes nothing; `medium`: it reads private data;
            `high`: it changes data; `critical`: it does something that cannot be undone, or moves money.
        read_only: The tool changes nothing.
        destructive: A change can destroy something.
        idempotent: A second call with the same arguments changes nothing more.
        open_world: The tool reaches beyond the package, for example to the web.

    Raises:
        DefinitionError: The function cannot be published as a tool.
    """
    hints = {
        "readOnlyHint": read_only,
        "destructiveHint": destructive,
        "idempotentHint": idempotent,
        "openWorldHint": open_world,
    }

    def add(function: F) -> F:
        made = _tool(function, name or getattr(function, "__name__", ""), description)
        if title is not None:
            made.definition["title"] = title
        if security not in _LEVELS:
            expected = ", ".join(f"`{level}`" for level in _LEVELS)
            raise DefinitionError(f"{_where(function)}: `security` is {security!r}; expected one of {expected}")
        made.definition["security_level"] = security
        annotations = {hint: value for hint, value in hints.items() if value is not None}
        if annotations:
            made.definition["annotations"] = annotations
        other = _tools.get(made.name)
        if other is not None and _where(other.function) != _where(function):
            raise DefinitionError(f"two tools are named `{made.name}`: {_where(other.function)} and {_where(function)}")
        _tools[made.name] = made
        return function

    return add if function is None else add(function)


def tools() -> list[Tool]:
    """Returns the tools, sorted by name."""
    return [_tools[name] for name in sorted(_tools)]


def find(name: str) -> Tool | None:
    """Returns the tool with a name."""
    return _tools.get(name)


def definitions() -> list[dict]:
    """Returns the definitions of all tools, as an agent reads them."""
    return [tool.definition for tool in tools()]


def _tool(function: Callable[..., Any], name: str, description: str | None) -> Tool:
    if not callable(function) or isinstance(function, type):
        raise DefinitionError(f"`@mpp.tool` makes tools of functions, and {function!r} is none")
    if not _NAME.fullmatch(name):
        raise DefinitionError(f"{_where(function)}: {name!r} is not a tool name: expected 1 to 64 characters A-Z a-z 0-9 _ -")
    said, described = parse(function.__doc__)
    said = description or said
    if not said:
        raise DefinitionError(f"{_where(function)} has no docstring; an agent reads it to know what the tool does")
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        raise DefinitionError(f"{_where(function)}: a type hint names what is not defined: {error}") from None
    arguments = Object(name, dict)
    for parameter in inspect.signature(function).parameters.values():
        arguments.fields.append(_argument(function, parameter, hints, described))
    definition = {"name": name, "description": said, "parameters": schema_of(arguments, closed=True)}
    returns = _returns(function, hints)
    if returns is not None:
        definition["returns"] = schema_of(returns, closed=False)
    return Tool(name, function, arguments, definition)


def _argument(
    function: Callable[..., Any], parameter: inspect.Parameter, hints: dict[str, Any], described: dict[str, str]
) -> Field:
    of = f"the parameter `{parameter.name}` of {_where(function)}"
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        raise DefinitionError(f"{of}: a tool takes named arguments; write each one, or a dictionary")
    if parameter.kind is parameter.POSITIONAL_ONLY:
        raise DefinitionError(f"{of}: a tool takes named arguments; remove the `/`")
    if parameter.name not in hints:
        raise DefinitionError(f"{of} has no type hint")
    try:
        kind = kind_of(hints[parameter.name])
    except Unsupported as unsupported:
        raise DefinitionError(f"{of}: {unsupported}") from None
    default = MISSING if parameter.default is parameter.empty else parameter.default
    return Field(parameter.name, kind, default, default is MISSING, described.get(parameter.name))


def _returns(function: Callable[..., Any], hints: dict[str, Any]) -> Kind | None:
    """Returns the type of structured results; `None` if results are text or media, or the function does not say."""
    hint = hints.get("return", MISSING)
    if hint is MISSING or hint in (str, None, type(None)) or _is_content(hint):
        return None
    try:
        return kind_of(hint)
    except Unsupported as unsupported:
        raise DefinitionError(f"the result of {_where(function)}: {unsupported}") from None


def _is_content(hint: Any) -> bool:
    """Returns whether results are content: one, several or a mixture with texts."""
    leaves = list(_leaves(hint))
    return all(leaf in (*CONTENT, str) for leaf in leaves) and any(leaf in CONTENT for leaf in leaves)


def _leaves(hint: Any) -> Iterator[Any]:
    arguments = [argument for argument in typing.get_args(hint) if argument is not Ellipsis]
    if typing.get_origin(hint) in (dict, Literal) or not arguments:
        yield hint
    for argument in arguments:
        yield from _leaves(argument)


def _where(function: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    name = getattr(function, "__name__", repr(function))
    return f"`{name}` ({shown(code.co_filename)}:{code.co_firstlineno})" if code else f"`{name}`"


#: The directories of a component that hold the author's sources, with what they are called on the author's machine.
roots: dict[str, str] = {}


def shown(path: str) -> str:
    """Returns a path as the author knows it: relative to the project."""
    for root, name in roots.items():
        if path.startswith(root):
            return name + path[len(root) :]
    return path
