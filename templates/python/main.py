"""A tool for AI agents. An agent reads the docstring of the function; its type hints become the schema of the arguments."""

from dataclasses import dataclass
from typing import Annotated

import mpp


@dataclass
class Greeting:
    """A greeting.

    Attributes:
        text: The text.
        times: The number of times that the name occurs in it.
    """

    text: str
    times: int


@mpp.tool(read_only=True)
def greet(name: Annotated[str, mpp.Arg(min_length=1)], times: Annotated[int, mpp.Arg(ge=1, le=5)] = 1) -> Greeting:
    """Greet somebody by name.

    Args:
        name: The name.
        times: The number of greetings.
    """
    if not name.strip():
        raise mpp.ToolError("the name is blank", code="no_name")
    return Greeting(text=" ".join([f"Hello, {name}!"] * times), times=times)
