"""Tools of the Model Package Protocol in Python.

A tool is a function with type hints and a docstring. An agent reads the docstring, and the hints become the schema of the arguments::

    import mpp

    @mpp.tool
    def greet(name: str, times: int = 1) -> str:
        \"\"\"Greet somebody by name.

        Args:
            name: The name.
            times: The number of greetings.
        \"\"\"
        return " ".join([f"Hello, {name}!"] * times)

`mpp build` makes a package of the project. In a test on this machine, a tool is a plain function.
"""

from . import http, kv
from ._content import Audio, Image, Text
from ._errors import DefinitionError, Denied, HostError, ToolError
from ._schema import Arg
from ._tools import definitions, tool
from ._wire import handle
from ._world import env

__all__ = [
    "Arg",
    "Audio",
    "DefinitionError",
    "Denied",
    "HostError",
    "Image",
    "Text",
    "ToolError",
    "definitions",
    "env",
    "handle",
    "http",
    "kv",
    "tool",
]
