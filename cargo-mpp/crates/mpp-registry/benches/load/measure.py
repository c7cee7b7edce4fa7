"""Measures a registry with a large log, side by side with nginx, and prints a table in Markdown.

`measure.py MPP LOAD DIR [PART…]`: the program, the generator of `main.rs`, and the directory that it has filled. Parts are `start`,
`reads`, `search`, `publish`, `client` and `mirror`; without any, all are measured.
"""

import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
POLICY = "[limits]\nconnections_per_address = 1000\n" + "".join(
    f"{name} = {{}}\n" for name in ("writes", "searches", "registrations", "packages", "versions")
)
SEARCHES = ["invoice", "calendar", "read invoice", "currency forecast", "com.example", "weat", "schedule each", "nothing-like-this", "ticket"]
SECONDS = 10


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def memory(pid, member="VmRSS"):
    """Returns the resident memory of a process in MiB, now or (`VmHWM`) at most."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{member}:\s+(\d+)", text)[1]) / 1024


def processor_seconds(pid):
    """Returns the time for which a process has used a CPU."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def forget_files():
    """Drops what the kernel has cached of files, if that is permitted, and says whether it was."""
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError:
        return False
    return True


class Server:
    def __init__(self, mpp, *arguments):
        self.port = free_port()
        self.start = time.monotonic()
        command = [mpp, "--format", "json", "registry", "serve", "--listen", f"127.0.0.1:{self.port}", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        text = ""
        for line in self.process.stdout:
            text += line.decode()
            if line == b"}\n":
                break
        self.seconds = time.monotonic() - self.start
        self.document = json.loads(text)
        self.url = f"http://127.0.0.1:{self.port}"

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as response:
            return response.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def wrk(url, paths, connections):
    """Returns requests a second, the median in milliseconds, and the number of errors."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", str(HERE / "paths.lua"), url]
    text = subprocess.run(command, env=os.environ | {"PATHS": str(paths)}, capture_output=True, text=True, check=True).stdout
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", text).groups()
    errors = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    factor = {"us": 0.001, "ms": 1, "s": 1000}[unit]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), float(value) * factor, int(errors[1]) if errors else 0


class Nginx:
    def __init__(self, directory, root):
        self.port = free_port()
        directory.mkdir(exist_ok=True)
        (directory / "nginx.conf").write_text(
            f"daemon off; worker_processes 2; pid {directory}/pid; error_log {directory}/error.log;\n"
            f"events {{ worker_connections 1024; }}\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;\n"
            f"  server {{ listen 127.0.0.1:{self.port}; root {root}; default_type application/json; }} }}\n"
        )
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        self.process = subprocess.Popen(["nginx", "-c", str(directory / "nginx.conf"), *user], stderr=subprocess.DEVNULL)
        time.sleep(0.5)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Counter:
    """Passes connections on and counts the bytes and requests of the server's answers."""

    def __init__(self, port):
        self.target, self.bytes, self.listener = port, 0, socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self.pump, args=(server, client, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(client, server, False), daemon=True).start()

    def pump(self, source, sink, counts):
        while data := source.recv(65536):
            self.bytes += len(data) if counts else 0
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


class Client:
    def __init__(self, mpp, home):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        self.mpp, self.home = mpp, home
        self.environment = os.environ | {"MPP_HOME": str(home / "home"), "NO_COLOR": "1"}

    def run(self, *arguments):
        start = time.monotonic()
        subprocess.run([self.mpp, *map(str, arguments)], env=self.environment, cwd=self.home, capture_output=True, check=True)
        return (time.monotonic() - start) * 1000

    def know(self, url, key):
        self.run("registry", "add", url, "--key", key, "--name", "load")


class Measurement:
    def __init__(self, mpp, load, directory):
        self.mpp, self.load, self.dir = mpp, load, directory
        self.registry, self.rows = directory / "registry", []
        (self.registry / "policy.toml").write_text(POLICY)
        self.ids = sorted(path.stem for path in (self.registry / "store/index").iterdir() if "large" not in path.name)
        self.most = 0

    def serve(self):
        return Server(self.mpp, "--dir", self.registry)

    def row(self, what, goal, measured):
        self.rows.append((what, goal, measured))
        print(f"| {what} | {goal} | {measured} |", flush=True)

    def end(self, server):
        self.most = max(self.most, memory(server.process.pid, "VmHWM"))
        server.stop()

    def start(self):
        shutil.rmtree(self.registry / "cache", ignore_errors=True)
        cold = "nothing in the page cache" if forget_files() else "files in the page cache"
        server = self.serve()
        versions = server.document["versions"]
        complete = self.searchable(server)
        self.row(
            f"start without a cache, {versions:,} versions, {cold}",
            "≤ 60 s",
            f"{server.seconds:.1f} s; {complete:.1f} s until the search is complete; {memory(server.process.pid):.0f} MiB",
        )
        self.end(server)
        forget_files()
        server = self.serve()
        self.row(f"start with a cache, {cold}", "≤ 5 s", f"{server.seconds:.2f} s; {memory(server.process.pid):.0f} MiB")
        self.end(server)

    def searchable(self, server):
        """Waits until a search finds all packages."""
        while True:
            page = server.get("/").decode()
            if re.search(rf"\b{len(self.ids):,}\b|\b{len(self.ids)}\b", page) or time.monotonic() - server.start > 300:
                return time.monotonic() - server.start
            time.sleep(0.2)

    def reads(self):
        paths = self.dir / "paths.txt"
        paths.write_text("".join(f"/index/{name}.json\n" for name in self.ids))
        one = self.dir / "path.txt"
        one.write_text(f"/index/{self.ids[0]}.json\n")
        size = statistics.mean((self.registry / f"store/index/{name}.json").stat().st_size for name in self.ids) / 1024
        server, nginx = self.serve(), Nginx(self.dir / "nginx", self.registry / "store")
        for files, what in ((paths, f"all {len(self.ids):,} index files, {size:.0f} KiB each"), (one, "one index file")):
            wrk(f"http://127.0.0.1:{nginx.port}", files, 32)
            (theirs, _, bad), (ours, median, wrong) = wrk(f"http://127.0.0.1:{nginx.port}", files, 32), wrk(server.url, files, 32)
            self.row(
                f"reads of {what}, 32 connections",
                "≥ 0.5 × nginx, ≥ 5,000/s",
                f"{ours:,.0f}/s, nginx {theirs:,.0f}/s: {ours / theirs:.2f} ×; median {median:.1f} ms; errors {wrong + bad}",
            )
        nginx.stop()
        self.end(server)

    def search(self):
        server = self.serve()
        self.searchable(server)
        for connections in (1, 8):
            paths = self.dir / "searches.txt"
            paths.write_text("".join(f"/v1/search?q={text.replace(' ', '+')}\n" for text in SEARCHES))
            rate, median, errors = wrk(server.url, paths, connections)
            self.row(
                f"search, {connections} connection{'s' * (connections > 1)}",
                "median ≤ 20 ms",
                f"{median:.1f} ms; {rate:,.0f}/s; errors {errors}",
            )
        self.end(server)

    def publish(self, count=40):
        server, client = self.serve(), Client(self.mpp, self.dir / "publisher")
        client.know(server.url, server.document["root_key"])
        client.run("keygen")
        client.run("register", "--name", "Load")
        packages, series = self.dir / "packages", int(time.time())
        shutil.rmtree(packages, ignore_errors=True)
        subprocess.run([self.load, "packages", packages, client.home / "home/keys/publisher.key", str(count), str(series)], check=True)
        times = sorted(client.run("publish", package) for package in sorted(packages.iterdir()))
        self.row(
            f"publish of a package of 1 MB, {count} times, whole command",
            "median ≤ 300 ms",
            f"{statistics.median(times):.0f} ms ({times[0]:.0f}–{times[-1]:.0f})",
        )
        user = Client(self.mpp, self.dir / "user")
        user.know(server.url, server.document["root_key"])
        user.run("trust", "add", client.home / "home/keys/publisher.pub", "--name", "Load", "--prefix", "com.example")
        name = f"com.example.large{series}"
        user.run("install", name, "--yes")
        times = sorted(user.run("install", name, "--yes") for _ in range(count))
        self.row(
            "install of a cached package of 1 MB, whole command",
            "≤ 50 ms",
            f"{statistics.median(times):.0f} ms ({times[0]:.0f}–{times[-1]:.0f})",
        )
        self.end(server)

    def client(self):
        """The bytes that somebody with an empty home directory downloads."""
        server = self.serve()
        counter = Counter(server.port)
        log = sum(path.stat().st_size for path in (self.registry / "store/log/tile").rglob("*") if path.is_file())
        user = Client(self.mpp, self.dir / "stranger")
        user.know(f"http://127.0.0.1:{counter.port}", server.document["root_key"])
        name = self.ids[len(self.ids) // 2]
        try:
            user.run("install", name)
        except subprocess.CalledProcessError as error:
            # Nobody has said yet that the publisher is trusted; the package is there.
            package = re.search(rb"mpp trust add ([^`]+)`", error.stderr)[1].decode()
            user.run("trust", "add", package)
        installed = counter.bytes
        user.run("install", name, "--yes")
        again = counter.bytes
        outdated = user.run("outdated")
        self.row(
            f"first install from an empty home, log of {log / 2**20:.0f} MiB",
            "not the log",
            f"{installed / 1024:.0f} KiB; `outdated` afterwards {(counter.bytes - again) / 1024:.0f} KiB in {outdated:.0f} ms",
        )
        self.end(server)

    def mirror(self):
        server = self.serve()
        shutil.rmtree(self.dir / "mirror", ignore_errors=True)
        arguments = ["--dir", self.dir / "mirror", "--upstream", server.url, "--key", server.document["root_key"]]
        for what, goal in (("first start: copies the log", "≤ 60 s, ≤ 300 MiB"), ("next start", "≤ 5 s, ≤ 300 MiB")):
            mirror = Server(self.mpp, *arguments)
            pid = mirror.process.pid
            cpu = processor_seconds(pid)
            self.row(
                f"mirror: {what}",
                goal,
                f"{mirror.seconds:.2f} s, {cpu:.1f} s of CPU time; {memory(pid):.0f} MiB, at most {memory(pid, 'VmHWM'):.0f}",
            )
            if what == "next start":
                self.grow(server, mirror)
            # Time to write what it remembers.
            time.sleep(6)
            mirror.stop()
        self.end(server)

    def grow(self, server, mirror):
        """Appends leaves one by one, and waits until the mirror has each of them."""
        pid, used = mirror.process.pid, []
        for _ in range(5):
            client = Client(self.mpp, self.dir / "registrant")
            client.know(server.url, server.document["root_key"])
            client.run("keygen")
            before = processor_seconds(pid)
            client.run("register", "--name", "Load")
            checkpoint = server.get("/log/checkpoint")
            while mirror.get("/log/checkpoint").splitlines()[1] != checkpoint.splitlines()[1]:
                time.sleep(0.5)
            used.append(processor_seconds(pid) - before)
        self.row(
            "mirror: one more leaf, 5 times",
            "≤ 300 MiB",
            f"{statistics.median(used) * 1000:.0f} ms of CPU time each; {memory(pid):.0f} MiB, at most {memory(pid, 'VmHWM'):.0f}",
        )


def main():
    mpp, load, directory = sys.argv[1], sys.argv[2], Path(sys.argv[3]).resolve()
    measurement = Measurement(mpp, load, directory)
    print("| what | goal | measured |\n|---|---|---|")
    for part in sys.argv[4:] or ("start", "reads", "search", "publish", "client", "mirror"):
        getattr(measurement, part)()
    measurement.row("memory of the server, at most in all of this", "≤ 300 MiB", f"{measurement.most:.0f} MiB")


main()
