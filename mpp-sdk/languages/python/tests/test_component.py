"""A call, as the component serves it."""

import contextlib
import io
import json
import pathlib
import random
import sys
import tempfile
from typing import NoReturn
from unittest import mock

import mpp
from mpp import _component, _tools
from mpp._native import Native

from .support import ToolTest


class Start(ToolTest):
    def start(self, source):
        """Imports a module as the build does, and returns what it says if it is refused."""
        with tempfile.TemporaryDirectory() as directory, mock.patch.object(sys, "path", [directory, *sys.path]):
            pathlib.Path(directory, "started.py").write_text(source)
            streams = mock.patch.multiple(sys, stdin=sys.stdin, stdout=sys.stdout, stderr=io.StringIO())
            with streams, mock.patch.dict(sys.modules), mock.patch.dict(_tools.roots, clear=True):
                try:
                    _component.start("started", {f"{directory}/": ""})
                except mpp.DefinitionError as error:
                    return str(error)
        return None

    def test_the_module_adds_its_tools(self):
        source = '@mpp.tool\ndef f():\n    """Do."""\n'
        self.assertIsNone(self.start(f"import mpp\nprint('printed')\n{source}"))
        self.assertEqual([found["name"] for found in mpp.definitions()], ["f"])

    def test_a_module_without_tools_is_refused(self):
        self.assertIn("the module `started` adds no tool", self.start("import mpp\n"))

    def test_a_mistake_names_its_line(self):
        source = '@mpp.tool\ndef f(a: complex):\n    """Do."""\n'
        self.assertIn("the parameter `a` of `f` (started.py:2)", self.start(f"import mpp\n{source}"))


class Serve(ToolTest):
    def serve(self, tool):
        """Calls a tool, and returns whether it answered, the lines that it wrote, and its log."""
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool}})
        stdin = io.TextIOWrapper(io.BytesIO(line.encode() + b"\n"))
        stdout = io.TextIOWrapper(io.BytesIO())
        with (
            mock.patch.object(_component, "_stdin", stdin),
            mock.patch.object(_component, "_stdout", stdout),
            contextlib.redirect_stderr(io.StringIO()) as log,
        ):
            answered = _component.serve(Native())
        return answered, stdout.buffer.getvalue().decode().splitlines(), log.getvalue()

    def test_a_response_is_one_line(self):
        @mpp.tool
        def f() -> str:
            """Do."""
            return "two\nlines"

        answered, lines, log = self.serve("f")
        self.assertEqual((answered, len(lines), log), (True, 1, ""))
        self.assertEqual(json.loads(lines[0])["result"]["content"][0]["text"], "two\nlines")

    def test_a_crash_has_a_traceback_and_no_response(self):
        @mpp.tool
        def f() -> NoReturn:
            """Do."""
            raise ValueError("a bug")

        answered, lines, log = self.serve("f")
        self.assertEqual((answered, lines), (False, []))
        self.assertTrue(log.startswith("Traceback (most recent call last):\n"))
        self.assertTrue(log.endswith("ValueError: a bug\n"))
        self.assertNotIn("returns", self.definition("f"))

    def test_each_call_draws_other_random_numbers(self):
        @mpp.tool
        def f() -> int:
            """Do."""
            return random.getrandbits(64)

        drawn = []
        for _ in range(2):
            # Every call starts in the state of the build.
            random.seed(1)
            drawn.append(self.serve("f")[1])
        self.assertNotEqual(*drawn)
