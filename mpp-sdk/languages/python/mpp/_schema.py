"""From type hints to types that have a JSON Schema and read values of JSON."""

from __future__ import annotations

import base64
import binascii
import collections.abc
import dataclasses
import datetime
import enum
import inspect
import math
import re
import types
import typing
from typing import Any, Literal, Union

from ._docstring import parse
from ._errors import InvalidArguments, Mistake
from ._nearest import nearest

#: The value of a field or parameter that has no default.
MISSING: Any = dataclasses.MISSING
#: How many mistakes an error lists.
MOST_MISTAKES = 20


@dataclasses.dataclass(frozen=True)
class Arg:
    """Describes an argument or a field further, as in `limit: Annotated[int, mpp.Arg(ge=1, le=100)]`.

    A string in place of it is a description. `name` is the published name of an argument that no parameter can have, as in
    `from_: Annotated[str, mpp.Arg(name="from")]`. Typed dictionaries can have fields with any name without it.
    """

    description: str | None = None
    _: dataclasses.KW_ONLY
    name: str | None = None
    ge: float | None = None
    le: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None


class Unsupported(Exception):
    """A type hint without a JSON Schema."""

    def __init__(self, hint: Any, reason: str = "") -> None:
        super().__init__(f"the type `{named(hint)}` has no JSON Schema{reason and ': ' + reason}")


class NoForm(TypeError):
    """A value that has no form in JSON."""


def named(hint: Any) -> str:
    """Returns a type hint as an author writes it."""
    if isinstance(hint, type) and not typing.get_args(hint):
        return hint.__qualname__ if hint.__module__ in ("builtins", "__main__") else f"{hint.__module__}.{hint.__qualname__}"
    return str(hint).replace("typing.", "")


class Kind:
    """A type: its schema, and how a value of JSON becomes one of it."""

    def schema(self, defs: Definitions) -> dict[str, Any]:
        """Returns the JSON Schema."""
        raise NotImplementedError

    def read(self, value: Any, at: str) -> Any:
        """Converts a value of JSON that is at the JSON pointer `at`."""
        raise NotImplementedError


class Definitions:
    """The schemas of recursive types, by name."""

    def __init__(self, closed: bool) -> None:
        self.closed = closed
        self.open: list[Kind] = []
        self.named: dict[str, dict[str, Any]] = {}
        self.used: set[str] = set()


def schema_of(kind: Kind, *, closed: bool) -> dict[str, Any]:
    """Returns the schema of a type. Objects of arguments are `closed`: they have no other members."""
    defs = Definitions(closed)
    schema = kind.schema(defs)
    if defs.named:
        schema["$defs"] = dict(sorted(defs.named.items()))
    return schema


def wrong(at: str, expected: str, value: Any) -> InvalidArguments:
    """The error for a value of another type."""
    return invalid(at, f"expected {expected}, found {in_words(value)}")


def invalid(at: str, message: str, nearest: str | None = None) -> InvalidArguments:
    """The error for one mistake."""
    return InvalidArguments(Mistake(at, message, nearest))


def read_all(members: collections.abc.Iterable[tuple[Kind, Any, str]]) -> list[Any]:
    """Reads several values, each at its JSON pointer, and reports the mistakes in all of them."""
    values: list[Any] = []
    mistakes: list[Mistake] = []
    for kind, value, at in members:
        try:
            values.append(kind.read(value, at))
        except InvalidArguments as error:
            mistakes.extend(error.mistakes)
            if len(mistakes) >= MOST_MISTAKES:
                break
    if mistakes:
        raise InvalidArguments(*mistakes[:MOST_MISTAKES])
    return values


def in_words(value: Any) -> str:
    """Says what a value of JSON is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    words = {str: "a string", int: "an integer", float: "a number", list: "a list", dict: "an object"}
    return words.get(type(value), type(value).__name__)


@dataclasses.dataclass
class Anything(Kind):
    """Any value of JSON."""

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return {}

    def read(self, value: Any, at: str) -> Any:
        return value


@dataclasses.dataclass
class Scalar(Kind):
    """`str`, `int`, `float`, `bool` or `None`."""

    name: str

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return {"type": self.name}

    def read(self, value: Any, at: str) -> Any:
        if self.name == "string" and isinstance(value, str):
            return value
        if self.name == "boolean" and isinstance(value, bool):
            return value
        if self.name == "null" and value is None:
            return None
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if self.name == "integer" and is_number and (isinstance(value, int) or value.is_integer()):
            return int(value)
        if self.name == "number" and is_number:
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            # JSON has no infinity, but Python reads numbers that are too large as infinite.
            if math.isfinite(number):
                return number
        raise wrong(at, {"integer": "an integer", "null": "null"}.get(self.name, f"a {self.name}"), value)


@dataclasses.dataclass
class Parsed(Kind):
    """A string that is parsed, such as a date."""

    keyword: dict[str, Any]
    parse: typing.Callable[[str], Any]
    expected: str

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return {"type": "string", **self.keyword}

    def read(self, value: Any, at: str) -> Any:
        if not isinstance(value, str):
            raise wrong(at, self.expected, value)
        try:
            return self.parse(value)
        except (ValueError, binascii.Error):
            raise invalid(at, f"expected {self.expected}") from None


@dataclasses.dataclass
class Choice(Kind):
    """One of several values: a `Literal` or an enumeration."""

    values: dict[Any, Any]
    is_literal: bool

    def schema(self, defs: Definitions) -> dict[str, Any]:
        values = list(self.values)
        kinds = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
        found = list(dict.fromkeys(kinds[type(value)] for value in values))
        return {"type": found[0] if len(found) == 1 else found, "enum": values}

    def read(self, value: Any, at: str) -> Any:
        for known, becomes in self.values.items():
            if known == value and isinstance(known, bool) == isinstance(value, bool):
                return becomes
        known = ", ".join(f"`{known}`" for known in self.values)
        names = [known for known in self.values if isinstance(known, str)]
        meant = nearest(value, names) if isinstance(value, str) else None
        raise invalid(at, f"expected one of {known}", meant)


@dataclasses.dataclass
class Sequence(Kind):
    """A list, a set or a tuple of any length."""

    item: Kind
    make: typing.Callable[[list[Any]], Any]
    unique: bool

    def schema(self, defs: Definitions) -> dict[str, Any]:
        schema = {"type": "array", "items": self.item.schema(defs)}
        return schema | {"uniqueItems": True} if self.unique else schema

    def read(self, value: Any, at: str) -> Any:
        if not isinstance(value, list):
            raise wrong(at, "a list", value)
        return self.make(read_all((self.item, item, f"{at}/{index}") for index, item in enumerate(value)))


@dataclasses.dataclass
class Fixed(Kind):
    """A tuple of a fixed length."""

    items: list[Kind]

    def schema(self, defs: Definitions) -> dict[str, Any]:
        count = len(self.items)
        items = [item.schema(defs) for item in self.items]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": count, "maxItems": count}

    def read(self, value: Any, at: str) -> Any:
        if not isinstance(value, list) or len(value) != len(self.items):
            raise wrong(at, f"a list of {len(self.items)}", value)
        return tuple(read_all((kind, item, f"{at}/{index}") for index, (kind, item) in enumerate(zip(self.items, value))))


@dataclasses.dataclass
class Mapping(Kind):
    """A dictionary with strings as keys."""

    value: Kind

    def schema(self, defs: Definitions) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.value.schema(defs)}

    def read(self, value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            raise wrong(at, "an object", value)
        members = read_all((self.value, member, f"{at}/{escaped(name)}") for name, member in value.items())
        return dict(zip(value, members))


@dataclasses.dataclass
class Either(Kind):
    """A union."""

    kinds: list[Kind]

    def schema(self, defs: Definitions) -> dict[str, Any]:
        schemas = [kind.schema(defs) for kind in self.kinds]
        plain = [schema.get("type") for schema in schemas if list(schema) == ["type"] and isinstance(schema["type"], str)]
        if len(plain) == len(schemas):
            return {"type": plain}
        # `Literal["a"] | None`
        if len(schemas) == 2 and schemas[1] == {"type": "null"} and set(schemas[0]) == {"type", "enum"}:
            first = schemas[0]["type"]
            return {"type": [*([first] if isinstance(first, str) else first), "null"], "enum": [*schemas[0]["enum"], None]}
        return {"anyOf": schemas}

    def read(self, value: Any, at: str) -> Any:
        failed = []
        for kind in self.kinds:
            try:
                return kind.read(value, at)
            except InvalidArguments as error:
                failed.append(error)
        # A mistake inside a value is more useful than that it is none of the types.
        raise max(failed, key=lambda error: len(error.mistakes[0].pointer))


@dataclasses.dataclass
class Limited(Kind):
    """A type with what an `Arg` says."""

    kind: Kind
    arg: Arg

    def schema(self, defs: Definitions) -> dict[str, Any]:
        schema = self.kind.schema(defs)
        length = "Items" if schema.get("type") == "array" else "Length"
        keywords = {
            "description": self.arg.description,
            "minimum": self.arg.ge,
            "maximum": self.arg.le,
            f"min{length}": self.arg.min_length,
            f"max{length}": self.arg.max_length,
            "pattern": self.arg.pattern,
            "format": self.arg.format,
        }
        return schema | {name: value for name, value in keywords.items() if value is not None}

    def read(self, value: Any, at: str) -> Any:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        arg = self.arg
        if is_number and arg.ge is not None and value < arg.ge:
            raise invalid(at, f"expected at least {arg.ge}, found {value}")
        if is_number and arg.le is not None and value > arg.le:
            raise invalid(at, f"expected at most {arg.le}, found {value}")
        if isinstance(value, (str, list)):
            unit = "characters" if isinstance(value, str) else "items"
            if arg.min_length is not None and len(value) < arg.min_length:
                raise invalid(at, f"expected at least {arg.min_length} {unit}, found {len(value)}")
            if arg.max_length is not None and len(value) > arg.max_length:
                raise invalid(at, f"expected at most {arg.max_length} {unit}, found {len(value)}")
        if isinstance(value, str) and arg.pattern is not None and not re.search(arg.pattern, value):
            raise invalid(at, f"expected a string that matches `{arg.pattern}`")
        return self.kind.read(value, at)


@dataclasses.dataclass
class Field:
    """A member of an object, or a parameter of a tool."""

    name: str
    kind: Kind
    default: Any = MISSING
    required: bool = True
    description: str | None = None


class Object(Kind):
    """An object with known members: a dataclass, a typed dictionary, or the arguments of a tool."""

    def __init__(self, name: str, make: typing.Callable[..., Any], description: str = "") -> None:
        self.name = name
        self.make = make
        self.description = description
        self.fields: list[Field] = []
        #: What becomes of other members.
        self.others: Literal["refuse", "drop", "keep"] = "refuse"

    def schema(self, defs: Definitions) -> dict[str, Any]:
        if self in defs.open:
            defs.used.add(self.name)
            return {"$ref": f"#/$defs/{self.name}"}
        if self.name in defs.named:
            return {"$ref": f"#/$defs/{self.name}"}
        defs.open.append(self)
        schema: dict[str, Any] = {"type": "object"}
        if self.description:
            schema["description"] = self.description
        schema["properties"] = {field.name: self._property(field, defs) for field in self.fields}
        required = [field.name for field in self.fields if field.required]
        if required:
            schema["required"] = required
        if defs.closed:
            schema["additionalProperties"] = False
        defs.open.pop()
        if self.name not in defs.used:
            return schema
        defs.named[self.name] = schema
        return {"$ref": f"#/$defs/{self.name}"}

    @staticmethod
    def _property(field: Field, defs: Definitions) -> dict[str, Any]:
        schema = field.kind.schema(defs)
        if field.description and "description" not in schema:
            schema = schema | {"description": field.description}
        if field.default is not MISSING and field.default is not None:
            schema = schema | {"default": to_json(field.default)}
        return schema

    def read(self, value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            raise wrong(at, "an object", value)
        names = [field.name for field in self.fields]
        others = {name: member for name, member in value.items() if name not in names}
        mistakes = [self._unknown(name, at) for name in others] if self.others == "refuse" else []
        meant = {mistake.nearest for mistake in mistakes}
        members = {}
        for field in self.fields:
            place = f"{at}/{escaped(field.name)}"
            if field.name in value:
                try:
                    members[field.name] = field.kind.read(value[field.name], place)
                except InvalidArguments as error:
                    # Models write `null` for what they leave out.
                    if field.required or value[field.name] is not None:
                        mistakes.extend(error.mistakes)
            elif field.required and field.name not in meant:
                # If a misspelled name was probably this one, it has been named already.
                mistakes.append(Mistake(place, "is missing"))
        if mistakes:
            raise InvalidArguments(*mistakes[:MOST_MISTAKES])
        made = self.make(**members)
        return {**made, **others} if self.others == "keep" else made

    def _unknown(self, name: str, at: str) -> Mistake:
        names = [field.name for field in self.fields]
        # The outermost members are the arguments.
        what = "member" if at else "argument"
        message = f"there is no such {what}"
        meant = nearest(name, names)
        if meant is None:
            message += f", expected {', '.join(f'`{known}`' for known in names)}" if names else f"; there are no {what}s"
        return Mistake(f"{at}/{escaped(name)}", message, meant)


class Model(Kind):
    """A class that describes and reads itself, as those of pydantic do."""

    def __init__(self, of: Any) -> None:
        self.of = of

    def schema(self, defs: Definitions) -> dict[str, Any]:
        schema: dict[str, Any] = self.of.model_json_schema() if hasattr(self.of, "model_json_schema") else self.of.schema()
        for name, nested in schema.pop("$defs", schema.pop("definitions", {})).items():
            defs.named[name] = nested
        return schema

    def read(self, value: Any, at: str) -> Any:
        read = getattr(self.of, "model_validate", None) or self.of.parse_obj
        try:
            return read(value)
        except ValueError as error:
            raise invalid(at, str(error)) from None


def escaped(name: str) -> str:
    """Returns a name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _time(text: str) -> datetime.datetime:
    # Python 3.10 does not read the `Z`.
    return datetime.datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith(("Z", "z")) else text)


_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null", None: "null"}
_PARSED = {
    bytes: Parsed({"contentEncoding": "base64"}, lambda text: base64.b64decode(text, validate=True), "data in Base64"),
    datetime.datetime: Parsed({"format": "date-time"}, _time, "a time such as `2026-01-31T12:00:00Z`"),
    datetime.date: Parsed({"format": "date"}, datetime.date.fromisoformat, "a date such as `2026-01-31`"),
}
_LISTS = {
    list: (list, False),
    collections.abc.Sequence: (list, False),
    collections.abc.Iterable: (list, False),
    collections.abc.Collection: (list, False),
    set: (set, True),
    frozenset: (frozenset, True),
    collections.abc.Set: (frozenset, True),
}
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


def kind_of(hint: Any, open_types: dict[Any, Object] | None = None) -> Kind:
    """Returns the type that a hint stands for.

    Raises:
        Unsupported: The hint has no JSON Schema.
    """
    known = {} if open_types is None else open_types
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in (Any, object):
        return Anything()
    if isinstance(hint, collections.abc.Hashable) and hint in _SCALARS:
        return Scalar(_SCALARS[hint])
    if isinstance(hint, type) and hint in _PARSED:
        return _PARSED[hint]
    if origin is typing.Annotated:
        kind = kind_of(arguments[0], known)
        for note in arguments[1:]:
            if isinstance(note, str):
                kind = Limited(kind, Arg(note))
            elif isinstance(note, Arg):
                if note.name is not None:
                    raise Unsupported(hint, "`mpp.Arg(name=…)` renames a parameter of a tool, and nothing inside of one")
                kind = Limited(kind, note)
        return kind
    if origin in (typing.Required, typing.NotRequired) if hasattr(typing, "Required") else False:
        return kind_of(arguments[0], known)
    if origin is Literal:
        if not all(isinstance(value, (str, int, bool, type(None))) for value in arguments):
            raise Unsupported(hint, "its values must be strings, integers, booleans or None")
        return Choice({value: value for value in arguments}, is_literal=True)
    if origin in (Union, types.UnionType):
        return Either([kind_of(argument, known) for argument in arguments])
    return _container(hint, origin or hint, arguments, known) or _class(hint, known)


def _container(hint: Any, origin: Any, arguments: tuple[Any, ...], known: dict[Any, Object]) -> Kind | None:
    if origin in _LISTS:
        make, unique = _LISTS[origin]
        return Sequence(kind_of(arguments[0], known) if arguments else Anything(), make, unique)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return Sequence(kind_of(arguments[0], known), tuple, False)
        return Fixed([kind_of(argument, known) for argument in arguments]) if arguments else Sequence(Anything(), tuple, False)
    if origin in _DICTS:
        if arguments and arguments[0] is not str:
            raise Unsupported(hint, "the keys of an object are strings")
        return Mapping(kind_of(arguments[1], known) if arguments else Anything())
    return None


def _class(hint: Any, known: dict[Any, Object]) -> Kind:
    if not isinstance(hint, type):
        raise Unsupported(hint)
    if hint in known:
        return known[hint]
    if issubclass(hint, enum.Enum):
        return Choice({member.value: member for member in hint}, is_literal=False)
    if hasattr(hint, "model_json_schema") or (hasattr(hint, "parse_obj") and hasattr(hint, "schema")):
        return Model(hint)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, known)
    if typing.is_typeddict(hint):
        return _typed_dict(hint, known)
    raise Unsupported(hint, "use a dataclass or a TypedDict" if not hint.__module__ == "builtins" else "")


def _described(of: type, make: typing.Callable[..., Any]) -> tuple[Object, dict[str, str]]:
    """Returns an object without fields, and what the docstring of its class says about them."""
    own: str | None = of.__dict__.get("__doc__")
    # A dataclass without a docstring gets its signature as one.
    is_signature = own is not None and own.startswith(f"{of.__name__}(")
    description, fields = parse(None if is_signature else own)
    return Object(of.__name__, make, description), fields


def _dataclass(of: type, known: dict[Any, Object]) -> Kind:
    found, described = _described(of, of)
    known[of] = found
    hints = typing.get_type_hints(of, include_extras=True)
    for field in dataclasses.fields(of):
        if not field.init:
            continue
        has_default = field.default is not MISSING or field.default_factory is not MISSING
        default = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        kind = _kind_of_field(of, field.name, hints[field.name], known)
        found.fields.append(Field(field.name, kind, default, not has_default, described.get(field.name)))
    return found


def _typed_dict(of: type, known: dict[Any, Object]) -> Kind:
    found, described = _described(of, dict)
    known[of] = found
    required: frozenset[str] = getattr(of, "__required_keys__", frozenset())
    for name, hint in typing.get_type_hints(of, include_extras=True).items():
        kind = _kind_of_field(of, name, hint, known)
        found.fields.append(Field(name, kind, MISSING, name in required, described.get(name)))
    return found


def _kind_of_field(of: type, name: str, hint: Any, known: dict[Any, Object]) -> Kind:
    try:
        return kind_of(hint, known)
    except Unsupported as unsupported:
        if getattr(unsupported, "of_field", False):
            raise
        error = Unsupported(hint)
        error.args = (f"the field `{name}` of `{of.__name__}`: {unsupported}",)
        error.of_field = True  # type: ignore[attr-defined]
        raise error from None


def to_json(value: Any) -> Any:
    """Converts a result to values of JSON."""
    if value is None or isinstance(value, (str, bool, int, float)) and not isinstance(value, enum.Enum):
        return value
    if isinstance(value, enum.Enum):
        return to_json(value.value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, collections.abc.Mapping):
        return {str(name): to_json(member) for name, member in value.items()}
    if isinstance(value, (set, frozenset)):
        members = [to_json(member) for member in value]
        return sorted(members, key=repr)
    if isinstance(value, (list, tuple)):
        return [to_json(member) for member in value]
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, (datetime.datetime, datetime.date)):
        text = value.isoformat()
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "dict") and hasattr(value, "parse_obj"):
        return to_json(value.dict())
    if inspect.isgenerator(value):
        return [to_json(member) for member in value]
    raise NoForm(f"the result contains a `{named(type(value))}`, which has no form in JSON")
