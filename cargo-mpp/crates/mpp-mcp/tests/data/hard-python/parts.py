"""The tool `parts`."""

from typing import Any

import mpp

from . import not_implemented


@mpp.tool(parameters="../schemas/parts.json", security="medium")
def parts(
    a: str,
    # Any value: the schema combines several schemas.
    b: Any = None,
    # Any value: the schema combines several schemas.
    c: Any = None,
) -> str:
    """Arguments described in parts."""
    raise not_implemented("parts")
