"""Calls a served package with both clients of the Python SDK."""

import asyncio
import sys

from mcp import Client, ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

SERVER = StdioServerParameters(command=sys.argv[1])


def check(era, names, found, wrong):
    assert names == ["count", "find", "list"], names
    assert not found.is_error and "[REDACTED:email]" in found.content[0].text, found
    assert wrong.is_error and "did you mean `query`" in wrong.content[0].text, wrong
    print(f"  {era}: listed {len(names)} tools, redacted, corrected")


async def calls(client):
    tools = await client.list_tools()
    found = await client.call_tool("find", {"query": "ada"})
    wrong = await client.call_tool("find", {"qery": "ada"})
    return [tool.name for tool in tools.tools], found, wrong


async def main():
    async with stdio_client(SERVER) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
            check("legacy", *await calls(session))
    async with Client(stdio_client(SERVER)) as client:
        assert client.protocol_version == "2026-07-28", client.protocol_version
        check("modern", *await calls(client))


asyncio.run(main())
