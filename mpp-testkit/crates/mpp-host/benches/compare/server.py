"""The unit converter as an MCP server on stdio, by the official Python SDK."""

from pydantic import BaseModel

try:
    from mcp.server.fastmcp import FastMCP as Server
except ImportError:
    from mcp.server.mcpserver import MCPServer as Server

server = Server("converter", log_level="ERROR")
METRES = {"mi": 1609.344, "km": 1000.0}


class Converted(BaseModel):
    value: float
    unit: str
    quantity: str


@server.tool()
def convert(value: float, from_: str = "mi", to: str = "km") -> Converted:
    """Convert a value from one unit to another."""
    return Converted(value=value * METRES[from_] / METRES[to], unit=to, quantity="length")


server.run("stdio")
