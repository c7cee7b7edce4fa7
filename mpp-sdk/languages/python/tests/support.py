"""What the tests have in common."""

import json
import unittest

import mpp
from mpp import _host, _tools
from mpp._native import Native


class ToolTest(unittest.TestCase):
    """A test that begins without tools and without state."""

    def setUp(self):
        _tools._tools.clear()
        _host.use(Native())

    def definition(self, name):
        """Returns the definition of a tool."""
        return next(found for found in mpp.definitions() if found["name"] == name)

    def property(self, name, of="f"):
        """Returns the schema of a parameter."""
        return self.definition(of)["parameters"]["properties"][name]

    def answer(self, method, /, **params):
        """Returns the response to a request."""
        return json.loads(mpp.handle(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})))

    def call(self, name, /, **arguments):
        """Returns the result or the error of a call."""
        answer = self.answer("tools/call", name=name, arguments=arguments)
        return answer.get("result") or answer["error"]

    def fails(self, name, /, **arguments):
        """Returns the kind, the message and the data of a call that fails."""
        error = self.answer("tools/call", name=name, arguments=arguments)["error"]
        return error["data"]["kind"], error["message"], error["data"]
