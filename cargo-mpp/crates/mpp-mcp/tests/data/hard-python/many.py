"""The tool `many`."""

import mpp

from . import not_implemented


@mpp.tool(parameters="../schemas/many.json", security="medium")
def many(
    argument_0: str,
    argument_1: str,
    argument_2: str,
    argument_10: str | None = None,
    argument_11: str | None = None,
    argument_3: str | None = None,
    argument_4: str | None = None,
    argument_5: str | None = None,
    argument_6: str | None = None,
    argument_7: str | None = None,
    argument_8: str | None = None,
    argument_9: str | None = None,
) -> str:
    """Many arguments.

    Args:
        argument_0: Line one. - item code
        argument_1: Line one. - item code
        argument_2: Line one. - item code
        argument_10: Line one. - item code
        argument_11: Line one. - item code
        argument_3: Line one. - item code
        argument_4: Line one. - item code
        argument_5: Line one. - item code
        argument_6: Line one. - item code
        argument_7: Line one. - item code
        argument_8: Line one. - item code
        argument_9: Line one. - item code
    """
    raise not_implemented("many")
