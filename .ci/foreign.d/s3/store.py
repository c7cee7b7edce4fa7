"""An S3-compatible store for tests: moto behind a proxy that lets one write through at a time.

Below `/careless`, the proxy drops the conditions of writes.
"""

import http.client
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


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        path = self.path
        if path.startswith("/careless"):
            path = path.removeprefix("/careless") or "/"
            headers = {name: value for name, value in headers.items() if not name.lower().startswith("if-")}
        # The signature is not checked by moto, so the host may differ.
        if self.command in ("PUT", "POST", "DELETE"):
            with writes:
                status, answered, data = ask(self.command, path, body, headers)
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
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

    def log_message(self, *_):
        pass


for bucket in ("packages", "careless"):
    ask("PUT", f"/{bucket}", b"", {})
server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print(f"listening on http://127.0.0.1:{server.server_port}")
sys.stdout.flush()
server.serve_forever()
