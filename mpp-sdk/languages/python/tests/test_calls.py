"""Requests and responses."""

import contextlib
import datetime
import io
import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Optional

import mpp
from mpp import http, kv

from .support import ToolTest


@dataclass
class Found:
    name: str
    size: int = 0


class Calls(ToolTest):
    def test_results_are_structured_text_or_media(self):
        @mpp.tool
        def find(name: str) -> Found:
            """Find."""
            return Found(name, 2)

        @mpp.tool
        def say(name: str) -> str:
            """Say."""
            return name

        @mpp.tool
        def draw() -> list[mpp.Image | str]:
            """Draw."""
            return ["a picture", mpp.Image(b"\x00", "image/png")]

        @mpp.tool
        def nothing() -> None:
            """Do."""

        @mpp.tool
        async def later(n: int) -> int:
            """Do."""
            return n + 1

        self.assertEqual(self.call("find", name="ü")["structuredContent"], {"name": "ü", "size": 2})
        self.assertEqual(self.call("say", name="ü"), {"content": [{"type": "text", "text": "ü"}], "isError": False})
        self.assertEqual(
            self.call("draw")["content"],
            [{"type": "text", "text": "a picture"}, {"type": "image", "data": "AA==", "mimeType": "image/png"}],
        )
        self.assertNotIn("returns", self.definition("draw"))
        self.assertEqual(self.call("nothing"), {"content": [], "isError": False})
        self.assertEqual(self.call("later", n=1)["structuredContent"], 2)

    def test_arguments_are_checked(self):
        @mpp.tool
        def f(n: Annotated[int, mpp.Arg(ge=1)], name: Optional[str] = None, found: Found | None = None) -> Any:
            """Do."""
            return [n, name, type(found).__name__]

        self.assertEqual(self.call("f", n=2.0, name=None)["structuredContent"], [2, None, "NoneType"])
        self.assertEqual(self.call("f", n=1, found={"name": "a"})["structuredContent"], [1, None, "Found"])
        for arguments, pointer, words in [
            ({}, "/n", "the arguments do not fit `f`: `/n`: is missing"),
            ({"n": "1"}, "/n", "expected an integer, found a string"),
            ({"n": True}, "/n", "expected an integer, found true"),
            ({"n": 0}, "/n", "expected at least 1, found 0"),
            ({"n": 1, "nme": "a"}, "/nme", "`/nme`: there is no such argument; did you mean `name`?"),
            ({"n": 1, "x/y": "a"}, "/x~1y", "there is no such argument, expected `n`, `name`, `found`"),
            ({"n": 10**400, "name": 1}, "/name", "`/name`: expected a string, found an integer"),
            ({"n": 1, "found": {"name": "a", "size": "b"}}, "/found/size", "expected an integer, found a string"),
        ]:
            kind, message, data = self.fails("f", **arguments)
            self.assertEqual((kind, data["pointer"]), ("invalid_arguments", pointer))
            self.assertIn(words, message)

    def test_all_mistakes_are_reported_at_once(self):
        @mpp.tool
        def f(query: str, limit: int, tags: list[str], order: Literal["name", "size"], found: Found) -> str:
            """Do."""
            return query

        arguments = {"lmit": 1, "tags": ["a", 1, 2], "order": "nmae", "found": {"nam": "a"}}
        kind, message, data = self.fails("f", **arguments)
        self.assertEqual((kind, data["tool"], data["pointer"]), ("invalid_arguments", "f", "/lmit"))
        self.assertEqual(
            data["mistakes"],
            [
                {"pointer": "/lmit", "message": "there is no such argument", "nearest": "limit"},
                {"pointer": "/query", "message": "is missing"},
                {"pointer": "/tags/1", "message": "expected a string, found an integer"},
                {"pointer": "/tags/2", "message": "expected a string, found an integer"},
                {"pointer": "/order", "message": "expected one of `name`, `size`", "nearest": "name"},
                {"pointer": "/found/nam", "message": "there is no such member", "nearest": "name"},
            ],
        )
        self.assertTrue(message.startswith("the arguments do not fit `f`: `/lmit`: there is no such argument; did you mean `limit`?; "))

    def test_the_list_of_mistakes_is_bounded(self):
        @mpp.tool
        def f(numbers: list[int]) -> str:
            """Do."""
            return ""

        self.assertEqual(len(self.fails("f", numbers=["x"] * 1000)[2]["mistakes"]), 20)

    def test_null_stands_for_an_optional_argument_that_is_left_out(self):
        @mpp.tool
        def f(n: int = 3) -> int:
            """Do."""
            return n

        @mpp.tool
        def g(n: int) -> int:
            """Do."""
            return n

        self.assertEqual(self.call("f", n=None)["structuredContent"], 3)
        self.assertEqual(self.fails("g", n=None)[2]["pointer"], "/n")

    def test_numbers_that_are_too_large_are_mistakes(self):
        @mpp.tool
        def f(n: float) -> float:
            """Do."""
            return n

        self.assertEqual(self.call("f", n=10**300)["structuredContent"], 1e300)
        for number in ("1e400", "1" + "0" * 400):
            line = f'{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"f","arguments":{{"n":{number}}}}}}}'
            self.assertEqual(json.loads(mpp.handle(line))["error"]["data"]["pointer"], "/n")

    def test_times_are_read_and_written(self):
        @mpp.tool
        def f(at: datetime.datetime, day: datetime.date) -> list[datetime.datetime]:
            """Do."""
            return [at + datetime.timedelta(days=1), datetime.datetime(day.year, 1, 1)]

        arguments = {"at": "2026-01-31T12:00:00Z", "day": "2026-01-31"}
        self.assertEqual(self.call("f", **arguments)["structuredContent"], ["2026-02-01T12:00:00Z", "2026-01-01T00:00:00"])
        self.assertEqual(self.fails("f", at="noon", day="today")[2]["mistakes"][1]["pointer"], "/day")

    def test_an_unknown_tool_is_answered_with_the_nearest_name(self):
        @mpp.tool
        def lookup() -> str:
            """Look up."""
            return ""

        kind, message, data = self.fails("look-pu")
        self.assertEqual(data, {"kind": "unknown_tool", "tool": "look-pu", "nearest": "lookup"}, message)
        kind, message, data = self.fails("other")
        self.assertEqual((kind, message), ("unknown_tool", "there is no tool `other`; the tools are `lookup`"))
        self.assertNotIn("nearest", data)

    def test_errors_have_kinds(self):
        @mpp.tool
        def own() -> str:
            """Do."""
            raise mpp.ToolError("no", code="not_found", retryable=True)

        @mpp.tool
        def denied() -> str:
            """Do."""
            try:
                mpp.env("NO_SUCH_VARIABLE")
            except mpp.Denied as error:
                raise mpp.ToolError("wrapped") from error
            return ""

        @mpp.tool
        def file() -> str:
            """Do."""
            raise PermissionError(1, "Operation not permitted", "/etc/passwd")

        @mpp.tool
        def late() -> str:
            """Do."""
            raise http.Timeout("late", code="timeout")

        @mpp.tool
        def crash() -> str:
            """Do."""
            raise ValueError("a bug")

        self.assertEqual(self.fails("own"), ("tool_error", "no", {"kind": "tool_error", "code": "not_found", "retryable": True}))
        kind, message, data = self.fails("denied")
        self.assertEqual((kind, data["variable"]), ("capability_denied", "NO_SUCH_VARIABLE"), message)
        self.assertEqual(self.fails("file")[2], {"kind": "capability_denied", "path": "/etc/passwd"})
        self.assertEqual(self.fails("late")[2], {"kind": "tool_error", "code": "timeout", "retryable": True})
        with self.assertRaisesRegex(ValueError, "a bug"):
            self.call("crash")
        self.assertEqual(self.fails("none")[0], "unknown_tool")

    def test_the_cause_of_an_error_is_logged(self):
        @mpp.tool
        def f() -> str:
            """Do."""
            raise mpp.ToolError("no") from ValueError("because")

        with contextlib.redirect_stderr(io.StringIO()) as log:
            self.assertEqual(self.fails("f")[1], "no")
        self.assertIn("caused by: ValueError: because", log.getvalue())

    def test_results_without_a_form_in_json_are_errors(self):
        @mpp.tool
        def f(which: int) -> Any:
            """Do."""
            return [float("nan"), {1j}, object()][which]

        for which in range(3):
            kind, message, _ = self.fails("f", which=which)
            self.assertEqual(kind, "tool_error", message)

    def test_other_requests_are_refused(self):
        def kind(line):
            return json.loads(mpp.handle(line))["error"]["data"]["kind"]

        self.assertEqual(kind("{"), "parse_error")
        self.assertEqual(kind(b"\xff"), "parse_error")
        self.assertEqual(kind("[" * 100_000), "parse_error")
        self.assertEqual(kind('{"jsonrpc": "2.0", "id": 1, "method": "x", "params": NaN}'), "parse_error")
        self.assertEqual(kind('{"jsonrpc": "2.0", "id": 1, "method": "x", "params": "\\ud800"}'), "parse_error")
        self.assertEqual(kind("[]"), "invalid_request")
        self.assertEqual(kind('{"jsonrpc": "2.0", "id": 1}'), "invalid_request")
        self.assertEqual(kind('{"jsonrpc": "2.0", "id": 1, "method": 1}'), "invalid_request")
        self.assertEqual(kind('{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}'), "invalid_request")
        self.assertEqual(kind('{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 1}}'), "invalid_request")
        self.assertEqual(kind('{"jsonrpc": "2.0", "id": 1, "method": "none"}'), "method_not_found")
        self.assertEqual(self.answer("tools/list")["result"], {"tools": []})

    def test_arguments_are_an_object(self):
        @mpp.tool
        def f() -> str:
            """Do."""
            return ""

        self.assertEqual(self.call("f"), self.answer("tools/call", name="f", arguments=None)["result"])
        for given in ([], "", 0, False):
            data = self.answer("tools/call", name="f", arguments=given)["error"]["data"]
            self.assertEqual((data["kind"], data["pointer"]), ("invalid_arguments", ""))

    def test_halves_of_surrogate_pairs_in_results_are_replaced(self):
        @mpp.tool
        def f() -> str:
            """Do."""
            return "a\ud800b \U0001f600"

        self.assertEqual(self.call("f")["content"][0]["text"], "a\ufffdb \U0001f600")

    def test_large_texts_pass(self):
        @mpp.tool
        def echo(text: str) -> str:
            """Echo."""
            return text

        text = "ä" * 5_000_000
        self.assertEqual(self.call("echo", text=text)["content"][0]["text"], text)


class State(ToolTest):
    def test_keys_and_values(self):
        self.assertEqual((kv.get("a"), kv.get("a", b"x")), (None, b"x"))
        kv.set("a", "1")
        kv.set_json("b", {"x": [1]})
        self.assertEqual((kv.get("a"), kv.get_json("b")), (b"1", {"x": [1]}))
        self.assertEqual((kv.increment("a", 2), kv.increment("c")), (3, 1))
        self.assertTrue(kv.compare_and_swap("a", b"3", "4"))
        self.assertFalse(kv.compare_and_swap("a", b"3", None))
        self.assertTrue(kv.compare_and_swap("d", None, "new"))
        self.assertEqual(list(kv.keys()), ["a", "b", "c", "d"])
        self.assertEqual((kv.delete("d"), kv.delete("d")), (True, False))
        kv.set("soon", "x", ttl=0.001)
        kv.clear("b")
        self.assertEqual(list(kv.keys("b")), [])

    def test_mistakes(self):
        with self.assertRaises(mpp.HostError) as error:
            kv.increment("a" * 2000)
        self.assertEqual(error.exception.code, "too_large")
        with self.assertRaisesRegex(TypeError, "`set_json`"):
            kv.set("a", {})
        with self.assertRaisesRegex(ValueError, "ttl"):
            kv.set("a", "b", ttl=0)
