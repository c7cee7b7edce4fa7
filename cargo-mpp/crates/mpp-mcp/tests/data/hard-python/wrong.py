"""The tool `wrong`."""

from typing import Any

import mpp

from . import not_implemented


@mpp.tool(parameters="../schemas/wrong.json", security="medium")
def wrong(
    b: str,
    # Any value: the schema allows any value.
    a: Any = None,
    # Any value: the schema allows any value.
    c: Any = None,
) -> str:
    """A schema that is not valid, and a pattern with look-ahead."""
    raise not_implemented("wrong")
