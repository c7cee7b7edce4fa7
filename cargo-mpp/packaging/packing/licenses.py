"""The licences of the libraries that the program contains, as one text."""

import functools
import hashlib
import json
import pathlib
import re

from . import facts

NAMES = re.compile(r"^(licen[cs]e|copying|notice|unlicense|copyright)", re.IGNORECASE)
# Sources of others that are part of this repository, and so of the program.
OWN = ("mpp-sdk/languages",)


def text(target):
    """Returns the licences of all crates that are linked for `target`, each text once."""
    found = metadata(target)
    texts, unnamed = {}, []
    for package in linked(found):
        title = f"{package['name']} {package['version']} ({package['license'] or 'see below'})"
        files = sorted(files_of(pathlib.Path(package["manifest_path"]).parent))
        if not files:
            unnamed.append(title)
        for path in files:
            add(texts, title, path)
    for place in OWN:
        for path in sorted(files_of(facts.ROOT / place)):
            if path.name not in facts.LICENSES:
                add(texts, str(path.parent.relative_to(facts.ROOT)), path)
    parts = ["The program mpp contains the following software, under these licences.\n"]
    if unnamed:
        parts.append("Without a licence file of their own; the licences are those named here:\n" + "".join(f"  {title}\n" for title in unnamed))
    for titles, body in sorted(texts.values(), key=lambda pair: pair[0]):
        parts.append("-" * 80 + "\n" + "".join(f"{title}\n" for title in titles) + "\n" + body.strip("\n") + "\n")
    return "\n".join(parts)


@functools.lru_cache
def metadata(target):
    words = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    return json.loads(facts.run(words, cwd=facts.ROOT))


def linked(found):
    """Returns the packages from registries that the program links, sorted: no tools of the build, and no tests."""
    packages = {package["id"]: package for package in found["packages"]}
    nodes = {node["id"]: node for node in found["resolve"]["nodes"]}
    start = next(id for id, package in packages.items() if package["name"] == "cargo-mpp")
    seen, open_ids = {start}, [start]
    while open_ids:
        for dependency in nodes[open_ids.pop()]["deps"]:
            is_linked = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if is_linked and dependency["pkg"] not in seen:
                seen.add(dependency["pkg"])
                open_ids.append(dependency["pkg"])
    chosen = [packages[id] for id in seen if packages[id]["source"]]
    return sorted(chosen, key=lambda package: (package["name"], package["version"]))


def files_of(directory):
    for path in directory.rglob("*"):
        is_deep = len(path.relative_to(directory).parts) > 3
        if not is_deep and path.is_file() and NAMES.match(path.name) and path.suffix not in (".rs", ".py", ".json", ".toml"):
            if not {"target", "node_modules"} & set(path.parts[len(directory.parts):]):
                yield path


def add(texts, title, path):
    body = path.read_text(errors="replace").replace("\r\n", "\n")
    key = hashlib.sha256(" ".join(body.split()).encode()).digest()
    titles, _ = texts.setdefault(key, ([], body))
    if title not in titles:
        titles.append(title)
