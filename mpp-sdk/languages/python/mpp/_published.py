"""Schemas that a tool publishes as they are written, in a file or a dictionary, instead of those of its type hints."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Union

from ._errors import DefinitionError
from ._schema import Field

#: A JSON Schema: its keywords, or the path of a file that contains it.
Published = Union[Mapping[str, Any], str, "os.PathLike[str]"]

#: Keywords whose schemas describe the same object: a schema, a list, or an object of schemas.
_COMBINING = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")


def load(given: Published, directory: str, of: str) -> dict[str, Any]:
    """Returns a schema. A relative path starts at `directory`; `of` names in messages what the schema is for."""
    if isinstance(given, Mapping):
        # A copy, so that a later change of the dictionary does not change what is published.
        try:
            copy: dict[str, Any] = json.loads(json.dumps(given, allow_nan=False))
            return copy
        except (TypeError, ValueError) as error:
            raise DefinitionError(f"{of}: the schema cannot be written as JSON: {error}") from None
    if not isinstance(given, (str, os.PathLike)):
        raise DefinitionError(f"{of}: expected a JSON Schema or the path of a file with one, found {given!r}")
    path = os.path.normpath(os.path.join(directory, given))
    try:
        with open(path, encoding="utf-8") as file:
            schema = json.load(file, parse_constant=_no_constant)
    except OSError as error:
        raise DefinitionError(f"{of}: the schema `{os.fspath(given)}` cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise DefinitionError(f"{of}: the schema `{os.fspath(given)}` is not JSON: {error}") from None
    if not isinstance(schema, dict):
        raise DefinitionError(f"{of}: the schema `{os.fspath(given)}` is not an object of keywords")
    return schema


def is_closed(schema: Mapping[str, Any]) -> bool:
    """Returns whether a schema refuses the members that it does not describe."""
    return schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False


def check(schema: Mapping[str, Any], fields: list[Field], parameters: Callable[[str], str], where: str) -> None:
    """Checks that a schema and a function describe the same arguments. `parameters` names the parameter of an argument."""
    if schema.get("type") != "object":
        raise DefinitionError(f"{where}: `parameters` is not the schema of an object, whose members are the arguments")
    described = dict.fromkeys(_members("properties", schema, schema))
    required = set(_members("required", schema, schema))
    for field in fields:
        if field.name not in described:
            raise DefinitionError(f"{where}: the schema in `parameters` does not describe the argument `{field.name}`")
        if field.required and field.name not in required:
            raise DefinitionError(
                f"{where}: the schema in `parameters` does not require `{field.name}`; give the parameter "
                f"`{parameters(field.name)}` a default, such as `None`"
            )
    taken = {field.name for field in fields}
    for name in described:
        if name not in taken:
            hint = f'; add one, with `Annotated[…, mpp.Arg(name="{name}")]`' if not name.isidentifier() else ""
            raise DefinitionError(f"{where} has no parameter for the argument `{name}` of the schema in `parameters`{hint}")


def _members(keyword: str, schema: Any, root: Mapping[str, Any], depth: int = 0) -> Iterator[str]:
    """Returns the names that `properties` or `required` list, also in schemas for the same object that are combined with this one."""
    if not isinstance(schema, Mapping) or depth > 16:
        return
    found = schema.get(keyword)
    if isinstance(found, (Mapping, list)):
        yield from (name for name in found if isinstance(name, str))
    if isinstance(reference := schema.get("$ref"), str):
        yield from _members(keyword, _target(reference, root), root, depth + 1)
    for combining in _COMBINING:
        parts = schema.get(combining)
        if combining == "dependentSchemas" and isinstance(parts, Mapping):
            parts = list(parts.values())
        for part in parts if isinstance(parts, list) else [parts]:
            yield from _members(keyword, part, root, depth + 1)


def _target(reference: str, root: Mapping[str, Any]) -> Any:
    """Returns the schema that a reference such as `#/$defs/Name` leads to; `None` if it leads nowhere."""
    found: Any = root
    for part in reference.removeprefix("#").split("/")[1:]:
        found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    return found if reference.startswith("#") else None


def _no_constant(name: str) -> None:
    raise ValueError(f"`{name}` is not JSON")
