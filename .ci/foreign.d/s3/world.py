"""Two servers over one store, a load balancer in front of them, users with home directories, and packages without a compiler."""

import base64
import hashlib
import http.client
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
import zipfile
from datetime import datetime, timezone
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

STORE = "s3://packages/registry"
ORIGIN = "tools.example.com/log"
# Limits are for strangers.
POLICY = """[limits]
connections_per_address = 1000
writes = {}
searches = {}
registrations = {}
packages = {}
versions = {}
"""
STATEMENT = "application/vnd.mpp.registry-statement.v1+json"
# A contradiction in the log: whatever happens to the servers, no client may see one.
ALARMS = ("MPP-N024", "MPP-N025", "MPP-N111", "MPP-N112", "MPP-N113", "MPP-N131", "MPP-N132")


class Failure(Exception):
    """Something that must not happen."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server of the registry on a fixed port, which can be killed and started again."""

    def __init__(self, world, name, port=None):
        self.world, self.name, self.port = world, name, port or free_port()
        self.dir = world.dir / name
        self.process = None
        self.starts = 0

    def start(self):
        log = open(self.world.dir / f"{self.name}.log", "ab")
        command = [world_mpp(self.world), "--format", "json", "registry", "serve", "--dir", self.dir, "--store", STORE]
        command += ["--listen", f"127.0.0.1:{self.port}", "--url", self.world.url]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=self.world.environment())
        document = ""
        for line in self.process.stdout:
            document += line.decode()
            if line == b"}\n":
                self.starts += 1
                return json.loads(document)
        self.process.wait()
        raise Failure(f"server {self.name} does not start; see {self.name}.log")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def is_running(self):
        return self.process is not None and self.process.poll() is None


class Balancer:
    """Passes each connection on to one of the servers that accept it."""

    def __init__(self, ports, port):
        self.ports = ports
        self.listener = socket.create_server(("127.0.0.1", port), backlog=256)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        for port in random.sample(self.ports, len(self.ports)):
            try:
                server = socket.create_connection(("127.0.0.1", port), timeout=5)
            except OSError:
                continue
            server.settimeout(None)
            threading.Thread(target=pump, args=(server, client), daemon=True).start()
            pump(client, server)
            return
        client.close()


def pump(source, sink):
    """Copies bytes until one side ends, and then ends the other."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def world_mpp(world):
    return str(world.mpp)


class World:
    def __init__(self, mpp, directory):
        self.mpp, self.dir = Path(mpp).resolve(), Path(directory).resolve()
        shutil.rmtree(self.dir, ignore_errors=True)
        self.dir.mkdir(parents=True)
        self.balancer_port = free_port()
        self.url = f"http://127.0.0.1:{self.balancer_port}"
        self.servers = [Server(self, "a"), Server(self, "b")]
        self.codes, self.lock = {}, threading.Lock()
        self.module, self.manifest = None, None
        operator = User(self, "operator")
        operator.mpp("registry", "init", "--origin", ORIGIN, "--dir", self.servers[0].dir)
        shutil.copytree(self.servers[0].dir, self.servers[1].dir)
        for server in self.servers:
            (server.dir / "policy.toml").write_text(POLICY)
            self.root_key = server.start()["root_key"]
        Balancer([server.port for server in self.servers], self.balancer_port)

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MPP_")}
        return kept | {name: str(value) for name, value in more.items()}

    def stop(self):
        for server in self.servers:
            if server.is_running():
                server.kill()

    def repeated(self):
        """Returns the number of uploads whose version was there already."""
        logs = [(self.dir / f"{server.name}.log").read_text() for server in self.servers]
        return sum("method=PUT" in line and "status=200" in line for log in logs for line in log.splitlines())

    def count(self, code):
        with self.lock:
            self.codes[code] = self.codes.get(code, 0) + 1

    def use_module_of(self, package):
        """Takes the module and the manifest of a package that was built before."""
        with zipfile.ZipFile(package) as archive:
            self.manifest = json.loads(archive.read("manifest.json"))
            self.module = archive.read(self.manifest["runtime"]["entrypoint"])

    def control(self, request):
        """Asks the proxy in front of the store to hold a write, or to release it."""
        with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/control/{request}", timeout=30) as answer:
            return answer.read().decode()

    def get(self, path, method="GET", port=None):
        """Reads a file from a server. Returns `None` if none answers, and otherwise the status and the body."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.balancer_port, timeout=30)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


class User:
    """Somebody with an empty home directory."""

    def __init__(self, world, name):
        self.world, self.name, self.dir = world, name, world.dir / "users" / name
        self.dir.mkdir(parents=True)

    def run(self, *arguments):
        """Runs `mpp`; a client that sees a contradiction, or ends in an unexpected way, is a failure."""
        command = [world_mpp(self.world), *map(str, arguments)]
        environment = self.world.environment(MPP_HOME=self.dir / "home", NO_COLOR="1")
        ended = subprocess.run(command, cwd=self.dir, env=environment, capture_output=True, text=True, timeout=120)
        if any(alarm in ended.stderr for alarm in ALARMS) or ended.returncode not in (0, 2, 4, 7):
            raise Failure(f"{self.name}: {' '.join(command[1:])} ends with {ended.returncode}: {ended.stderr}")
        return ended

    def mpp(self, *arguments):
        """Runs `mpp`, which must succeed."""
        ended = self.run(*arguments)
        if ended.returncode:
            raise Failure(f"{self.name}: {' '.join(map(str, arguments))} fails: {ended.stderr}")
        return ended.stdout

    def json(self, *arguments):
        return json.loads(self.mpp(*arguments, "--format", "json"))

    def persist(self, *arguments, deadline=120):
        """Runs `mpp` until it succeeds, as somebody does whose registry is away at times."""
        end = time.monotonic() + deadline
        while True:
            ended = self.run(*arguments)
            if ended.returncode == 0:
                return ended.stdout
            code = code_of(ended.stderr)
            self.world.count(code)
            if ended.returncode != 7 or time.monotonic() > end:
                raise Failure(f"{self.name}: {' '.join(map(str, arguments))} fails: {ended.stderr}")

    def know(self):
        self.persist("registry", "add", self.world.url, "--key", self.world.root_key, "--name", "test")
        return self

    def trust(self, publisher):
        self.mpp("trust", "add", publisher.dir / "home/keys/publisher.pub", "--name", publisher.name, "--prefix", "com.example")
        return self

    def publisher(self):
        """Makes a key and registers it."""
        self.know().mpp("keygen")
        self.persist("register", "--name", self.name)
        return self

    def build(self, package_id, version, note=""):
        """Packs the module under another id and version, and returns the package with its content hash."""
        project = self.dir / "projects" / f"{package_id}-{version}-{note}"
        project.mkdir(parents=True)
        manifest = self.world.manifest | {"package_id": package_id, "version": version, "name": package_id.split(".")[-1]}
        manifest["description"] = f"Converts units. {note}".strip()
        manifest["publisher"] = {"name": self.name}
        manifest["build"] = {"output": "tool.wasm"}
        (project / "tool.wasm").write_bytes(self.world.module)
        (project / "manifest.json").write_text(json.dumps(manifest))
        built = self.json("build", project, "-o", project / "dist")["packages"][0]
        path = project / "dist" / Path(built["path"]).name
        return Package(path, package_id, version, built["content_hash"])

    def key(self):
        return load_pem_private_key((self.dir / "home/keys/publisher.key").read_bytes(), None)


def code_of(text):
    """Returns the first code in an error message."""
    at = text.find("MPP-")
    return text[at : at + 8] if at >= 0 else text[:80]


class Package:
    def __init__(self, path, package_id, version, content_hash):
        self.path, self.package_id, self.version, self.content_hash = path, package_id, version, content_hash

    def upload(self, key):
        """Returns the path, the headers and the body of the request that publishes the package, signed by `key`."""
        body = self.path.read_bytes()
        with zipfile.ZipFile(self.path) as archive:
            manifest = archive.read("manifest.json")
        public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
        statement = {
            "registry": ORIGIN,
            "time": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "nonce": secrets.token_hex(16),
            "key": public,
            "action": "publish",
            "package_id": self.package_id,
            "version": self.version,
            "content_hash": self.content_hash,
            "archive_hash": digest(body),
            "archive_size": len(body),
            "manifest_hash": digest(manifest),
        }
        payload = json.dumps(statement).encode()
        signed = b"DSSEv1 %d %s %d %s" % (len(STATEMENT), STATEMENT.encode(), len(payload), payload)
        signature = base64.b64encode(key.sign(signed)).decode()
        envelope = {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": STATEMENT,
            "signatures": [{"keyid": "publisher", "sig": signature}],
        }
        header = base64.urlsafe_b64encode(json.dumps(envelope).encode()).decode().rstrip("=")
        headers = {"mpp-statement": header, "content-type": "application/vnd.mpp.package"}
        return f"/v1/packages/{self.package_id}/{self.version}", headers, body


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()
