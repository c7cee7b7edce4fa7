"""The tool `list`."""

from typing import Any, Literal

import mpp

from . import not_implemented


@mpp.tool(name="list", parameters="../schemas/list_.json", security="medium")
def list_(
    # Any value: the schema allows values of several types.
    both: Any = None,
    day: str | None = None,
    flag: bool | None = None,
    kind: Literal["dog", "cat"] | None = None,
    level: int | None = None,
    limit: int = 10,
    maybe: str | None = None,
    mode: Literal["a", "A"] | None = None,
    query: str = "a \"b\"",
    ratio: float = 1.0,
    sort: Literal["asc", "desc"] = "asc",
    tags: list[str] | None = None,
    unit: Literal["+1", "-1"] | None = None,
    verbose: bool = False,
) -> str:
    """Defaults and limits."""
    raise not_implemented("list")
