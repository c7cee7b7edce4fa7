"""Requests with the interface of `requests`."""

import json
import struct
import unittest

from mpp import Denied, HostError, _host, http


class Recorded:
    """A host that records a request, and answers with a response or an error."""

    def __init__(self, *, status=200, headers=(), body=b"", error=None):
        self.status, self.headers, self.body, self.error = status, headers, body, error

    def http_send(self, request):
        length = struct.unpack_from("<I", request)[0]
        self.head, self.sent = json.loads(request[4 : 4 + length]), request[4 + length :]
        if self.error:
            raise self.error
        head = json.dumps({"status": self.status, "url": self.head["url"], "headers": list(self.headers)}).encode()
        return struct.pack("<I", len(head)) + head + self.body


class Requests(unittest.TestCase):
    def host(self, **options):
        host = Recorded(**options)
        _host.use(host)
        return host

    def test_a_request_is_encoded(self):
        host = self.host()
        http.get("https://a.example/x?y=1#z", params={"q": "ü &", "many": [1, 2], "none": None}, headers={"A": "b"}, timeout=2.5)
        self.assertEqual(host.head["url"], "https://a.example/x?y=1&q=%C3%BC%20%26&many=1&many=2#z")
        self.assertEqual((host.head["method"], host.head["headers"], host.head["timeout_ms"]), ("GET", [["A", "b"]], 2500))
        self.assertNotIn("redirects", host.head)
        http.post("https://a.example", json={"a": 1}, allow_redirects=False)
        self.assertEqual((host.head["redirects"], host.sent), (0, b'{"a": 1}'))
        self.assertEqual(host.head["headers"], [["content-type", "application/json"]])
        http.put("https://a.example", data={"a": "b c"}, auth=("u", "p"))
        self.assertEqual((host.sent, host.head["method"]), (b"a=b%20c", "PUT"))
        self.assertIn(["authorization", "Basic dTpw"], host.head["headers"])
        http.request("patch", "https://a.example", data="text")
        self.assertEqual((host.head["method"], host.sent), ("PATCH", b"text"))

    def test_a_session_has_headers_in_common(self):
        host = self.host()
        with http.Session() as session:
            session.headers["authorization"] = "Bearer k"
            session.params["v"] = 1
            session.get("https://a.example", headers={"Authorization": "Bearer other"})
        self.assertEqual(host.head["headers"], [["Authorization", "Bearer other"]])
        self.assertEqual(host.head["url"], "https://a.example?v=1")

    def test_a_response_is_read(self):
        self.host(headers=[["content-type", "text/plain; charset=latin-1"], ["x", "1"], ["X", "2"]], body=b"\xe4")
        response = http.get("https://a.example")
        self.assertEqual((response.text, response.headers["X"], response.ok, bool(response)), ("ä", "1, 2", True, True))
        with self.assertRaises(http.RequestException) as error:
            response.json()
        self.assertEqual(error.exception.code, "not_json")
        self.host(status=404, body=b"[1]")
        response = http.get("https://a.example")
        self.assertEqual((response.status_code, response.ok, response.json()), (404, False, [1]))
        with self.assertRaises(http.HTTPError) as error:
            response.raise_for_status()
        self.assertIs(error.exception.response, response)

    def test_a_redirect_that_is_not_followed_is_known(self):
        self.host(status=301, headers=[["location", "/new"]])
        self.assertTrue(http.get("https://a.example", allow_redirects=False).is_redirect)
        self.host(status=304, headers=[["location", "/new"]])
        self.assertFalse(http.get("https://a.example").is_redirect)
        self.host(status=302)
        self.assertFalse(http.get("https://a.example").is_redirect)

    def test_failures_are_exceptions(self):
        for code, expected in [
            ("timeout", http.Timeout),
            ("connection", http.ConnectionError),
            ("invalid", http.InvalidRequest),
            ("too_large", http.RequestException),
        ]:
            self.host(error=HostError(code, "no"))
            with self.assertRaises(expected) as error:
                http.get("https://a.example")
            self.assertEqual(error.exception.code, code)
        self.host(error=Denied("no"))
        with self.assertRaises(Denied):
            http.get("https://a.example")
