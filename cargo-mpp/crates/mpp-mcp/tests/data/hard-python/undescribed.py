"""The tool `undescribed`."""

from typing import Any

import mpp

from . import not_implemented


@mpp.tool(parameters="../schemas/undescribed.json", security="medium")
def undescribed(
    # Any value: the schema allows any value.
    x: Any,
    # Any value: the schema allows any value.
    z: Any,
    # Any value: the schema allows any value.
    y: Any = None,
) -> str:
    """Calls undescribed."""
    raise not_implemented("undescribed")
