"""Requests and responses."""

import contextlib
import io
import json
from dataclasses import dataclass
from typing import Annotated, Any, Optional

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
            ({}, "/n", "the argument `n`: it is missing"),
            ({"n": "1"}, "/n", "expected an integer, found a string"),
            ({"n": True}, "/n", "expected an integer, found true"),
            ({"n": 0}, "/n", "expected at least 1, found 0"),
            ({"n": 1, "nme": "a"}, "/nme", "there is no such member"),
            ({"n": 1, "found": {"name": "a", "size": "b"}}, "/found/size", "expected an integer, found a string"),
        ]:
            kind, message, data = self.fails("f", **arguments)
            self.assertEqual((kind, data["pointer"]), ("invalid_arguments", pointer))
            self.assertIn(words, message)

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
        self.assertEqual(kind("[]"), "invalid_request")
        self.assertEqual(kind('{"jsonrpc": "2.0", "id": 1, "method": "none"}'), "method_not_found")
        self.assertEqual(self.answer("tools/list")["result"], {"tools": []})

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
