"""The tool `tree`."""

from typing import Any, NotRequired, TypedDict

import mpp

from . import not_implemented


class Root(TypedDict):
    # Any value: the schema contains itself.
    children: NotRequired[list[Any]]
    name: str


@mpp.tool(parameters="../schemas/tree.json", security="medium")
def tree(
    root: Root,
    # Any value: the schema allows any value.
    far: Any = None,
    # Any value: the schema allows any value.
    loop: Any = None,
    # Any value: the schema allows any value.
    lost: Any = None,
) -> str:
    """A recursive schema, and one that never ends."""
    raise not_implemented("tree")
