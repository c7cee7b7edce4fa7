"""Tests with a CRM on this machine."""

import json
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import mpp

from main import lookup

ADA = {
    "id": "CUST-00012345",
    "name": "Ada Lovelace",
    "company": "Analytical Engines",
    "status": "active",
    "email": "ada@example.com",
    "phone": "",
    "notes": "",
}


class Crm(BaseHTTPRequestHandler):
    """A CRM that knows one customer."""

    def do_GET(self):
        query = parse_qs(urlsplit(self.path).query)
        is_known = self.headers["authorization"] == "Bearer k"
        found = [ADA] if query["q"] == ["ada"] and query["limit"] == ["10"] else []
        self.send_response(200 if is_known else 401)
        self.end_headers()
        self.wfile.write(json.dumps(found).encode() if is_known else b"")

    def log_message(self, *_):
        pass


class Lookup(unittest.TestCase):
    def setUp(self):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Crm)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.set(CRM_URL=f"http://127.0.0.1:{server.server_port}/", CRM_API_KEY="k")

    def set(self, **variables):
        patched = mock.patch.dict(os.environ, variables)
        patched.start()
        self.addCleanup(patched.stop)

    def code(self, query):
        with self.assertRaises(mpp.ToolError) as failed:
            lookup(query)
        return failed.exception.code

    def test_finds_a_customer(self):
        self.assertEqual(lookup("ada")[0].name, "Ada Lovelace")

    def test_errors_have_codes(self):
        self.assertEqual(self.code("nobody"), "not_found")
        self.set(CRM_API_KEY="wrong")
        self.assertEqual(self.code("ada"), "key_refused")
        self.set(CRM_URL="http://127.0.0.1:1")
        self.assertEqual(self.code("ada"), "crm_down")

    def test_a_variable_that_is_not_set_is_a_denial(self):
        self.set(CRM_URL="x")
        del os.environ["CRM_URL"]
        with self.assertRaises(mpp.Denied) as denied:
            lookup("ada")
        self.assertEqual(denied.exception.variable, "CRM_URL")


if __name__ == "__main__":
    unittest.main()
