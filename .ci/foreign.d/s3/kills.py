"""Publishes through two servers over one store while they are killed, and then races of clients for the same version.

Every acknowledged version must be served, verified and in the log; nothing may be visible before it is whole; no client may see a
contradiction; and of clients that publish different packages under the same version, exactly one wins.
"""

import argparse
import base64
import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from world import STORE, Failure, User, World, code_of

# An id that resembles another one waits for an operator, so these do not.
PUBLISHERS = ("garden", "harbour", "library", "museum")
# The writes of an append, in their order. Servers are killed just before one of them, just after one, or at any moment.
STAGES = ("blobs/", "manifests/", "log/commit/", "log/tile/", "log/checkpoint", "index/", "log/derived", None)


def index_of(world, package_id, port=None):
    """Returns the index file of a package; `None` if it does not exist or no server answers."""
    answer = world.get(f"/index/{package_id}.json", port=port)
    if answer is None or answer[0] != 200:
        return None
    return json.loads(base64.b64decode(json.loads(answer[1])["payload"]))


def settle():
    """Waits until no server keeps a file that another one has replaced, which it may do for a second."""
    time.sleep(1.5)


def hashed(folder, digest):
    hexed = digest.removeprefix("sha256:")
    return f"/{folder}/sha256/{hexed[:2]}/{hexed[2:4]}/{hexed}"


class Kills:
    def __init__(self, world, publishes, kills):
        self.world, self.publishes, self.kills = world, publishes, kills
        self.acknowledged, self.killed, self.looks, self.polls, self.stages = {}, 0, 0, 0, Counter()
        self.lock, self.failures, self.done = threading.Lock(), [], threading.Event()

    def run(self):
        each = self.publishes // len(PUBLISHERS)
        print(f"  {self.publishes} packages are built", flush=True)
        publishers = [User(self.world, name).publisher() for name in PUBLISHERS]
        with ThreadPoolExecutor(2) as pool:
            built = [
                list(pool.map(lambda n, user=user: user.build(self.id_of(user), f"1.{n}.0"), range(each)))
                for user in publishers
            ]
        reader = User(self.world, "poller").know()
        # The poller has the first version of each package.
        for user, packages in zip(publishers, built):
            reader.trust(user)
            self.publish(user, packages[0])
            reader.mpp("install", f"{self.id_of(user)}@1", "--yes")
        threads = [
            threading.Thread(target=self.guarded, args=(self.publish_all, user, packages[1:]))
            for user, packages in zip(publishers, built)
        ]
        others = [
            threading.Thread(target=self.guarded, args=(work, *arguments))
            for work, *arguments in ((self.kill,), (self.look, publishers), (self.poll, reader, publishers))
        ]
        for thread in threads + others:
            thread.start()
        for thread in threads:
            thread.join()
        self.done.set()
        for thread in others:
            thread.join()
        if self.failures:
            raise self.failures[0]
        print(f"  {len(self.acknowledged)} versions acknowledged; {self.world.repeated()} uploads were in the log already, their answers lost")
        print(f"  {self.killed} kills: {', '.join(f'{count} {stage}' for stage, count in sorted(self.stages.items()))}")
        print(f"  meanwhile {self.looks} looks at index files and {self.polls} commands of another client", flush=True)
        if self.world.codes:
            print(f"  commands that failed and were repeated: {self.world.codes}", flush=True)
        self.verify(publishers)

    @staticmethod
    def id_of(user):
        return f"com.example.{user.name}"

    def guarded(self, work, *arguments):
        try:
            work(*arguments)
        except Exception as error:  # The other threads have to end too.
            self.failures.append(error)
            self.done.set()

    def publish_all(self, user, packages):
        for package in packages:
            # The kills are spread over all publishes, and some publishes are under way at the last one, too.
            while len(self.acknowledged) > self.due() and not self.done.is_set():
                time.sleep(0.02)
            if self.done.is_set():
                return
            self.publish(user, package)

    def due(self):
        """Returns the number of versions that may be acknowledged before the next kill."""
        if self.killed >= self.kills:
            return self.publishes
        return len(PUBLISHERS) + (self.killed + 1) * (self.publishes - 12) / self.kills

    def publish(self, user, package):
        document = json.loads(user.persist("publish", package.path, "--format", "json"))
        with self.lock:
            self.acknowledged[package.package_id, package.version] = document["leaf_index"], package

    def kill(self):
        """Kills one of the servers, or both, in the middle of an append."""
        while not self.done.is_set() and self.killed < self.kills:
            stage, held = random.choice(STAGES), "any moment"
            if stage:
                held = self.world.control(f"hold/{stage}")
                held = "any moment" if held == "none" else f"{held} {stage}"
            else:
                time.sleep(random.uniform(0, 1.5))
            victims = random.choice((self.world.servers[:1], self.world.servers[1:], self.world.servers))
            for server in victims[: self.kills - self.killed]:
                server.kill()
                self.killed += 1
                self.stages[held] += 1
            # Sometimes the write arrives when the server has gone, sometimes when its successor is at work.
            if random.random() < 0.5:
                self.world.control("release")
            for server in self.world.servers:
                if not server.is_running():
                    server.start()
            self.world.control("release")
            if self.killed % 10 == 0:
                print(f"  {self.killed} kills, {len(self.acknowledged)} versions", flush=True)
        while not self.done.is_set():
            time.sleep(0.1)

    def look(self, publishers):
        """Looks at index files: what they list must be there, and the checkpoint must not be behind them."""
        while not self.done.is_set():
            index = index_of(self.world, self.id_of(random.choice(publishers)))
            checkpoint = self.world.get("/log/checkpoint")
            if index is None or checkpoint is None or checkpoint[0] != 200:
                continue
            size = int(checkpoint[1].splitlines()[1])
            # Another server may keep a checkpoint for a second.
            if index["tree_size"] > size:
                time.sleep(1.1)
                checkpoint = self.world.get("/log/checkpoint")
                if checkpoint and checkpoint[0] == 200 and index["tree_size"] > int(checkpoint[1].splitlines()[1]):
                    raise Failure(f"an index file reflects {index['tree_size']} leaves, and the checkpoint has {size}")
            newest = index["versions"][-1]
            for path in (hashed("blobs", newest["archive_hash"]), hashed("manifests", newest["manifest_hash"])):
                answer = self.world.get(path, method="HEAD")
                if answer is not None and answer[0] != 200:
                    raise Failure(f"{path} of a version that is listed is answered with {answer[0]}")
            self.looks += 1

    def poll(self, reader, publishers):
        """Compares, searches and installs, as somebody does who has no part in all this."""
        while not self.done.is_set():
            outdated = json.loads(reader.persist("outdated", "--format", "json"))
            states = {package["state"] for package in outdated["packages"]}
            if states != {"good"}:
                raise Failure(f"`mpp outdated` calls packages {states}")
            reader.persist("search", "converts")
            user = random.choice(publishers)
            reader.persist("install", f"{self.id_of(user)}@1", "--yes")
            self.polls += 3

    def verify(self, publishers):
        """Everything that was acknowledged is served by both servers, installs, and is in the log, once."""
        settle()
        if len({self.world.get("/log/checkpoint", port=server.port) for server in self.world.servers}) != 1:
            raise Failure("the servers have different checkpoints")
        for server in self.world.servers:
            for user in publishers:
                index = index_of(self.world, self.id_of(user), port=server.port)
                found = {record["version"]: record["leaf_index"] for record in index["versions"]}
                expected = {
                    version: leaf for (package_id, version), (leaf, _) in self.acknowledged.items() if package_id == self.id_of(user)
                }
                if found != expected or len(index["versions"]) != len(expected):
                    raise Failure(f"server {server.name} lists {found}, and acknowledged were {expected}")
        stranger = User(self.world, "stranger").know()
        for user in publishers:
            stranger.trust(user)
        for (package_id, version), (leaf, package) in self.acknowledged.items():
            installed = stranger.json("install", f"{package_id}@={version}", "--yes")["packages"][0]
            if (installed["leaf_index"], installed["content_hash"]) != (leaf, package.content_hash):
                raise Failure(f"{package_id} {version} is installed as {installed}")
        print(f"  all {len(self.acknowledged)} versions are listed by both servers, proved, verified and installed", flush=True)


def race(world, owner, package_id, version, clients):
    """Publishes different packages under one version at the same moment, through both servers. Returns the winner's number."""
    packages = [owner.build(package_id, version, note=f"Variant {number}.") for number in range(clients)]
    key = owner.key()
    requests = [package.upload(key) for package in packages]
    start = threading.Barrier(clients)

    def send(number):
        path, headers, body = requests[number]
        server = world.servers[number % len(world.servers)]
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        connection.connect()
        start.wait()
        connection.request("PUT", path, body, headers)
        response = connection.getresponse()
        answer = response.status, json.loads(response.read())
        connection.close()
        return answer

    with ThreadPoolExecutor(clients) as pool:
        answers = list(pool.map(send, range(clients)))
    winners = [number for number, (status, _) in enumerate(answers) if status in (200, 201)]
    refusals = {(status, body.get("code")) for status, body in answers if status not in (200, 201)}
    if len(winners) != 1 or refusals != {(409, "MPP-N308")}:
        raise Failure(f"race for {package_id} {version}: {len(winners)} winners, and refusals {refusals}; {answers[0]}")
    settle()
    record = index_of(world, package_id)["versions"][-1]
    winner = packages[winners[0]]
    if (record["version"], record["content_hash"]) != (version, winner.content_hash):
        raise Failure(f"the index lists {record}, and the winner is {winner.content_hash}")
    # The command of a loser says why without an upload, and that of the winner says that all is well.
    loser = packages[(winners[0] + 1) % clients]
    ended = owner.run("publish", loser.path)
    if ended.returncode != 2 or code_of(ended.stderr) != "MPP-C046":
        raise Failure(f"the loser's command ends with {ended.returncode}: {ended.stderr}")
    if not owner.json("publish", winner.path)["existed"]:
        raise Failure("the winner's version is new again")
    return winners[0] % len(world.servers)


def homes(world):
    """From two empty home directories: one user registers and publishes, another one searches, installs and runs."""
    ada, bob = User(world, "ada").publisher(), User(world, "bob").know()
    package = ada.build("com.example.first", "1.0.0")
    published = ada.json("publish", package.path)
    # The search of each server follows the log within seconds.
    for _ in range(20):
        found = [result["package_id"] for result in bob.json("search", "first")["results"]]
        if found:
            break
        time.sleep(0.5)
    if found != ["com.example.first"]:
        raise Failure(f"the search finds {found}")
    installed = bob.trust(ada).json("install", "com.example.first", "--yes")["packages"][0]
    if installed["leaf_index"] != published["leaf_index"]:
        raise Failure(f"{installed} is not {published}")
    answer = bob.mpp("run", "com.example.first", "--tool", "convert", "value=3", "from=mi", "to=km")
    if "4.828" not in answer:
        raise Failure(f"the tool answers {answer}")
    print(f"  two empty homes: registered, published as leaf {published['leaf_index']}, found, installed and run", flush=True)


def whole(world):
    """The store is intact at the end, and a copy of it is whole, too."""
    settle()
    operator, server = User(world, "auditor"), world.servers[0]
    print(f"  {operator.mpp('registry', 'check', '--dir', server.dir, '--store', STORE).strip()}")
    operator.mpp("registry", "copy", STORE, operator.dir / "copy", "--key", world.root_key)
    if (operator.dir / "copy/log/checkpoint").read_bytes() != world.get("/log/checkpoint")[1]:
        raise Failure("the copy has another checkpoint")
    print("  the store is copied", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mpp")
    parser.add_argument("package")
    parser.add_argument("directory")
    parser.add_argument("--publishes", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--races", type=int, default=20)
    parser.add_argument("--clients", type=int, default=20)
    arguments = parser.parse_args()
    start = time.monotonic()
    world = World(arguments.mpp, arguments.directory)
    try:
        world.use_module_of(arguments.package)
        homes(world)
        Kills(world, arguments.publishes, arguments.kills).run()
        owner = User(world, "racer").publisher()
        won = [race(world, owner, "com.example.race", f"1.{n}.0", arguments.clients) for n in range(arguments.races)]
        print(f"  {len(won)} races of {arguments.clients} clients: one winner each, {won.count(0)} and {won.count(1)} by server")
        whole(world)
    except Failure as failure:
        print(f"  {failure}", file=sys.stderr)
        return 1
    finally:
        world.stop()
    print(f"  {time.monotonic() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
