"""The tools of a program: the functions that `@mpp.tool` annotates."""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator
from typing import Any, Literal, TypeVar, overload

from . import _published
from ._content import CONTENT
from ._docstring import parse
from ._errors import DefinitionError
from ._published import Published
from ._schema import MISSING, Arg, Field, Kind, Object, Unsupported, kind_of, schema_of

F = TypeVar("F", bound=Callable[..., Any])
Level = Literal["low", "medium", "high", "critical"]

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEVELS = typing.get_args(Level)
#: What a function that always raises returns. `Never` is new in Python 3.11.
_NEVER = (typing.NoReturn, getattr(typing, "Never", typing.NoReturn))


@dataclasses.dataclass
class Tool:
    """A function, and what an agent reads about it."""

    name: str
    function: Callable[..., Any]
    arguments: Object
    definition: dict[str, Any]


_tools: dict[str, Tool] = {}


@overload
def tool(function: F, /) -> F: ...


@overload
def tool(
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    parameters: Published | None = None,
    returns: Published | None = None,
    security: Level = "low",
    read_only: bool | None = None,
    destructive: bool | None = None,
    idempotent: bool | None = None,
    open_world: bool | None = None,
) -> Callable[[F], F]: ...


def tool(
    function: F | None = None,
    *,
    name: str | None = None,
    title: str | None = None,
    description: str | None = None,
    parameters: Published | None = None,
    returns: Published | None = None,
    security: Level = "low",
    read_only: bool | None = None,
    destructive: bool | None = None,
    idempotent: bool | None = None,
    open_world: bool | None = None,
) -> F | Callable[[F], F]:
    """Makes a tool of a function. Its type hints become the schema of its arguments, and its docstring describes it.

    The function itself stays as it is, so that tests can call it.

    Args:
        function: The function. It takes no other arguments than named ones with type hints.
        name: The name; that of the function if it is absent.
        title: A name for people.
        description: The description; the docstring without its sections if it is absent.
        parameters: The JSON Schema of the arguments, which is published as it is: a dictionary, or the path of a JSON file that starts
            at the directory of the function's module. Without it, the type hints become the schema. The schema and the function must
            have the same arguments. Arguments that the schema allows without describing them are left out.
        returns: The JSON Schema of structured results, likewise.
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
        made = _tool(function, name or str(getattr(function, "__name__", "")), description, parameters, returns)
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


def definitions() -> list[dict[str, Any]]:
    """Returns the definitions of all tools, as an agent reads them."""
    return [tool.definition for tool in tools()]


def _tool(
    function: Callable[..., Any],
    name: str,
    description: str | None,
    parameters: Published | None,
    returns: Published | None,
) -> Tool:
    if not callable(function) or isinstance(function, type):
        raise DefinitionError(f"`@mpp.tool` makes tools of functions, and {function!r} is none")
    if not _NAME.fullmatch(name):
        raise DefinitionError(f"{_where(function)}: {name!r} is not a tool name: expected 1 to 64 characters A-Z a-z 0-9 _ -")
    said, described = parse(function.__doc__)
    said = description or said
    if not said:
        raise DefinitionError(f"{_where(function)} has no docstring; an agent reads it to know what the tool does")
    try:
        hints = typing.get_type_hints(_without_defaults(function), include_extras=True)
    except NameError as error:
        raise DefinitionError(f"{_where(function)}: a type hint names what is not defined: {error}") from None
    definition: dict[str, Any] = {"name": name, "description": said}
    arguments = _arguments(function, name, hints, described, parameters, definition)
    if returns is not None:
        definition["returns"] = _published.load(returns, _directory(function), f"the result of {_where(function)}")
    elif (result := _returns(function, hints)) is not None:
        definition["returns"] = schema_of(result, closed=False)
    return Tool(name, function, arguments, definition)


def _arguments(
    function: Callable[..., Any],
    name: str,
    hints: dict[str, Any],
    described: dict[str, str],
    parameters: Published | None,
    definition: dict[str, Any],
) -> Object:
    """Returns the arguments of a tool, and adds their schema to its definition."""
    # The names of the parameters by those of the arguments.
    named: dict[str, str] = {}
    arguments = Object(name, lambda **members: {named[argument]: value for argument, value in members.items()})
    objects: dict[Any, Object] | None = None if parameters is None else {}
    for parameter in inspect.signature(function).parameters.values():
        field = _argument(function, parameter, hints, described, objects)
        if field.name in named:
            raise DefinitionError(f"two parameters of {_where(function)} are the argument `{field.name}`")
        named[field.name] = parameter.name
        arguments.fields.append(field)
    if parameters is None or objects is None:
        definition["parameters"] = schema_of(arguments, closed=True)
        return arguments
    schema = _published.load(parameters, _directory(function), f"the parameters of {_where(function)}")
    _published.check(schema, arguments.fields, named.__getitem__, _where(function))
    definition["parameters"] = schema
    # The host refuses what the schema refuses, at every level.
    arguments.others = "refuse" if _published.is_closed(schema) else "drop"
    for found in objects.values():
        found.others = "keep" if found.make is dict else "drop"
    return arguments


def _directory(function: Callable[..., Any]) -> str:
    """Returns the directory of a function's module, where relative paths start."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return os.path.dirname(code.co_filename) if code else ""


def _argument(
    function: Callable[..., Any],
    parameter: inspect.Parameter,
    hints: dict[str, Any],
    described: dict[str, str],
    objects: dict[Any, Object] | None,
) -> Field:
    of = f"the parameter `{parameter.name}` of {_where(function)}"
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        raise DefinitionError(f"{of}: a tool takes named arguments; write each one, or a dictionary")
    if parameter.kind is parameter.POSITIONAL_ONLY:
        raise DefinitionError(f"{of}: a tool takes named arguments; remove the `/`")
    if parameter.name not in hints:
        raise DefinitionError(f"{of} has no type hint")
    name, hint = _named(parameter, hints[parameter.name])
    try:
        kind = kind_of(hint, objects)
    except Unsupported as unsupported:
        raise DefinitionError(f"{of}: {unsupported}") from None
    default = MISSING if parameter.default is parameter.empty else parameter.default
    return Field(name, kind, default, default is MISSING, described.get(parameter.name))


def _named(parameter: inspect.Parameter, hint: Any) -> tuple[str, Any]:
    """Returns the name under which a parameter is published, and its type hint without this name."""
    if typing.get_origin(hint) is not typing.Annotated:
        return parameter.name, hint
    kind, *notes = typing.get_args(hint)
    names = [note.name for note in notes if isinstance(note, Arg) and note.name is not None]
    rest = [dataclasses.replace(note, name=None) if isinstance(note, Arg) else note for note in notes]
    return names[0] if names else parameter.name, typing.Annotated[(kind, *rest)]


def _without_defaults(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a function with the same hints. Before Python 3.11, a default of `None` changes what `get_type_hints` returns."""
    if sys.version_info >= (3, 11) or not isinstance(function, types.FunctionType):
        return function
    bare = types.FunctionType(function.__code__, function.__globals__, closure=function.__closure__)
    bare.__annotations__ = function.__annotations__
    return bare


def _returns(function: Callable[..., Any], hints: dict[str, Any]) -> Kind | None:
    """Returns the type of structured results; `None` if results are text or media, or the function does not say."""
    hint = hints.get("return", MISSING)
    if hint is MISSING or hint in (str, None, type(None), *_NEVER) or _is_content(hint):
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
