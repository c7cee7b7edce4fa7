"""An S3-compatible store for tests: moto behind a proxy that lets one write through at a time.

Below `/careless`, the proxy drops the conditions of writes. `/control/hold/PART` waits for a write to a path that contains PART, and
holds it, before it is made or after; `/control/release` lets it end. Meanwhile its server can be killed.
"""

import http.client
import random
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from moto.server import ThreadedMotoServer

moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
moto.start()
_, port = moto.get_host_and_port()
writes = threading.Lock()
HOP = {"connection", "keep-alive", "transfer-encoding", "host"}


def ask(method, path, body, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    answer = response.status, response.getheaders(), response.read()
    connection.close()
    return answer


class Gate:
    """Holds one write, wherever it is."""

    def __init__(self):
        self.part, self.reached, self.released = None, threading.Event(), threading.Event()

    def hold(self, part):
        """Waits some seconds for a write to a path that contains `part`, and returns whether one is held."""
        self.reached.clear()
        self.released.clear()
        self.part = part
        held = self.reached.wait(4)
        self.part = None
        return held

    def passes(self, path):
        """Stops here if this is the write that is waited for."""
        if self.part and self.part in path:
            self.part = None
            self.reached.set()
            self.released.wait(15)


before, after = Gate(), Gate()


def control(path):
    if path == "/control/release":
        before.released.set()
        after.released.set()
        return b"released"
    part = path.removeprefix("/control/hold/")
    name, gate = random.choice((("before", before), ("after", after)))
    return name.encode() if gate.hold(part) else b"none"


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one(self):
        if self.path.startswith("/control/"):
            answer = control(self.path)
            self.send_response_only(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            return
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        path = self.path
        if path.startswith("/careless"):
            path = path.removeprefix("/careless") or "/"
            headers = {name: value for name, value in headers.items() if not name.lower().startswith("if-")}
        # The signature is not checked by moto, so the host may differ.
        if self.command in ("PUT", "POST", "DELETE"):
            before.passes(path)
            with writes:
                status, answered, data = ask(self.command, path, body, headers)
            after.passes(path)
        else:
            status, answered, data = ask(self.command, path, body, headers)
        self.send_response_only(status)
        length = str(len(data))
        for name, value in answered:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("content-length", length)
        try:
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)
        except ConnectionError:
            # The server was killed.
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

    def log_message(self, *_):
        pass


for bucket in ("packages", "careless"):
    ask("PUT", f"/{bucket}", b"", {})
server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print(f"listening on http://127.0.0.1:{server.server_port}")
sys.stdout.flush()
server.serve_forever()
