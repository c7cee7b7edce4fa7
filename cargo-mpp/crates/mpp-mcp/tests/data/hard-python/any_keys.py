"""The tool `any_keys`."""

from typing import Any, TypedDict

import mpp

from . import not_implemented


class AnyKeysResult(TypedDict):
    next: int | None
    # Any value: the schema allows values of several types.
    result: list[Any]


@mpp.tool(
    parameters="../schemas/any_keys.json",
    returns="../schemas/any_keys.returns.json",
    security="medium",
)
def any_keys() -> AnyKeysResult:
    """Takes whatever it is given."""
    raise not_implemented("any_keys")
