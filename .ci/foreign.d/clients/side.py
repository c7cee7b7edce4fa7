"""Both clients of the Python SDK call two packages and a server of others behind one `mpp serve`."""

import asyncio
import sys

from mcp import Client, ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import ElicitResult

SERVER = StdioServerParameters(command=sys.argv[1])
TOOLS = set(sys.argv[2].split(","))
MARK = "The MCP server `everything`, which is not verified, asks:"


class Person:
    """Answers questions, and remembers them."""

    def __init__(self):
        self.asked = []
        self.approves = True

    async def __call__(self, context, params):
        self.asked.append(params.message)
        if params.message.startswith(MARK):
            return ElicitResult(action="accept", content={"name": "Ada", "check": True})
        return ElicitResult(action="accept", content={}) if self.approves else ElicitResult(action="decline")


def text(result):
    return " ".join(item.text for item in result.content if item.type == "text")


async def check(era, client, person):
    names = {tool.name for tool in (await client.list_tools()).tools}
    assert names == TOOLS, names ^ TOOLS

    found = await client.call_tool("find", {"query": "ada"})
    assert not found.is_error and "[REDACTED:email]" in text(found), found
    slug = await client.call_tool("slugify", {"text": "Crème brûlée"})
    assert not slug.is_error and "creme-brulee" in text(slug), slug
    echo = await client.call_tool("echo", {"message": "mail ada@example.com"})
    assert not echo.is_error and "[REDACTED:email]" in text(echo) and "ada@" not in text(echo), echo
    assert person.asked == [], person.asked
    print(f"  {era}: {len(names)} tools; find and echo redacted, slugify called")

    answered = await client.call_tool("trigger-elicitation-request", {})
    assert not answered.is_error and "Ada" in text(answered), answered
    approval, question = person.asked
    assert "trigger-elicitation-request" in approval and not approval.startswith(MARK), approval
    assert question.startswith(MARK), question
    person.approves = False
    declined = await client.call_tool("trigger-elicitation-request", {})
    assert declined.is_error and text(declined).startswith("approval_refused"), declined
    assert len(person.asked) == 3, person.asked
    print(f"  {era}: approved in the client, the server's question answered, then declined")

    steps = []

    async def progress(done, total, message):
        steps.append((done, total))

    slow = "trigger-long-running-operation"
    done = await client.call_tool(slow, {"duration": 1, "steps": 2}, progress_callback=progress)
    assert "completed" in text(done), done
    assert steps == [(1, 2), (2, 2)], steps
    try:
        result = await client.call_tool(slow, {"duration": 60, "steps": 1}, read_timeout_seconds=1)
        raise SystemExit(f"not cancelled: {result}")
    except Exception as error:
        assert "imed out" in str(error) or "imeout" in str(error), repr(error)
    again = await client.call_tool("echo", {"message": "still here"})
    assert "still here" in text(again), again
    print(f"  {era}: progress {steps}; a call given up after a second, and the next one answered")


async def main():
    person = Person()
    async with stdio_client(SERVER) as (read, write):
        async with ClientSession(read, write, elicitation_callback=person) as session:
            await session.initialize()
            await check("legacy", session, person)
    person = Person()
    async with Client(stdio_client(SERVER), elicitation_callback=person) as client:
        assert client.protocol_version == "2026-07-28", client.protocol_version
        await check("modern", client, person)


asyncio.run(main())
