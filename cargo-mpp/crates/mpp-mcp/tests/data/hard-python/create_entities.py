"""The tool `create_entities`."""

from typing import Any, NotRequired, TypedDict

import mpp

from . import not_implemented


class Position(TypedDict):
    x: float
    y: float | None


class Entity(TypedDict):
    entityType: str
    name: str
    observations: NotRequired[list[str]]
    position: NotRequired[Position]


class Options(TypedDict):
    dry_run: NotRequired[bool]
    labels: NotRequired[dict[str, str]]


@mpp.tool(
    parameters="../schemas/create_entities.json",
    security="high",
    read_only=False,
    destructive=True,
)
def create_entities(
    entities: list[Entity],
    counts: dict[str, int] | None = None,
    # Any value: the schema allows any value.
    free: dict[str, Any] | None = None,
    # Any value: the schema describes some keys and allows others.
    open: dict[str, Any] | None = None,
    options: Options | None = None,
    position: Position | None = None,
) -> str:
    """Nested objects."""
    raise not_implemented("create_entities")
