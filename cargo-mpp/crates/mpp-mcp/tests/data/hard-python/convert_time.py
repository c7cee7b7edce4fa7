"""The tool `convert_time`."""

from typing import NotRequired, TypedDict

import mpp

from . import not_implemented


class TimeResult(TypedDict):
    is_dst: bool
    note: NotRequired[str]
    timezone: str


class TimeConversionResult(TypedDict):
    source: TimeResult
    target: TimeResult
    time_difference: str


@mpp.tool(
    title="Convert",
    parameters="../schemas/convert_time.json",
    returns="../schemas/convert_time.returns.json",
    read_only=True,
    destructive=False,
    idempotent=True,
    open_world=False,
)
def convert_time(
    source_timezone: str,
    target_timezone: str,
    time: str,
) -> TimeConversionResult:
    """Convert a time between two zones.

    Args:
        source_timezone: Zone such as `Europe/Paris`.
    """
    raise not_implemented("convert_time")
