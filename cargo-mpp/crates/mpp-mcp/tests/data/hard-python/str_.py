"""The tool `str`."""

import mpp

from . import not_implemented


@mpp.tool(
    name="str",
    title="Named like a type",
    parameters="../schemas/str_.json",
    security="medium",
)
def str_() -> str:
    """No arguments."""
    raise not_implemented("str")
