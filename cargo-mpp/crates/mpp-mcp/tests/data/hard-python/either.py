"""The tool `either`."""

import mpp

from . import not_implemented


@mpp.tool(parameters="../schemas/either.json", security="medium")
def either(id: int | None = None, name: str | None = None) -> str:
    """Combined arguments."""
    raise not_implemented("either")
