"""The packages for npm: one that people install, with a launcher, and one with the program for each platform."""

import json
import shutil
import tempfile

from . import facts, licenses, wheel

SOURCE = facts.HERE / "npm"


def pack(arguments):
    if not arguments.programs and not arguments.main:
        raise facts.Problem("nothing to pack: name a program or a wheel, or use --main")
    out = facts.pathlib.Path(arguments.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".npm-") as temporary:
        temporary = facts.pathlib.Path(temporary)
        packages = [main(temporary / "main", arguments.repository)] if arguments.main else []
        for number, given in enumerate(arguments.programs):
            place = temporary / str(number)
            packages.append(platform(place, facts.pathlib.Path(given), arguments.repository))
        written = [tarball(package, temporary) for package in packages]
        # Only when all of them are whole.
        return [facts.replace(path, out / path.name) for path in written]


def read(path):
    return json.loads(path.read_text())


def name(platform=None):
    base = read(SOURCE / "cli/package.json")["name"]
    return f"{base}-{platform['name']}" if platform else base


def main(place, repository):
    """Writes the package that people install: the launcher, and a dependency on each platform's package in the same version."""
    shutil.copytree(SOURCE / "cli", place)
    manifest = read(place / "package.json")
    optional = {name(platform): facts.version() for platform in facts.platforms()}
    return finish(place, {**manifest, "optionalDependencies": optional}, repository)


def platform(place, given, repository):
    """Writes the package for the platform of a program."""
    (place / "bin").mkdir(parents=True)
    program = wheel.extract(given, place / "bin") if given.suffix == ".whl" else facts.stripped(given, place / "bin/mpp")
    target = facts.target_of(program)
    facts.check_program(program, target)
    one = facts.platform(target)
    limits = {"os": [one["os"]], "cpu": [one["cpu"]], **({"libc": [one["libc"]]} if "libc" in one else {})}
    manifest = {"name": name(one), "description": f"The program mpp for {one['title']}", **limits, **read(SOURCE / "platform/package.json")}
    shutil.copy(SOURCE / "platform/README.md", place)
    (place / "THIRD-PARTY-LICENSES.txt").write_text(licenses.text(target))
    return finish(place, manifest, repository)


def finish(place, manifest, repository):
    """Adds what all packages have: version, licences, and the repository, without which npm records no provenance."""
    manifest = {"name": manifest["name"], "version": facts.version(), **manifest}
    if repository:
        manifest["repository"] = {"type": "git", "url": f"git+{repository.removesuffix('/')}.git", "directory": "cargo-mpp/packaging/npm"}
    for licence in facts.LICENSES:
        shutil.copy(facts.ROOT / licence, place)
    (place / "package.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return place


def tarball(package, temporary):
    """Packs a package and checks that nothing is missing."""
    manifest = read(package / "package.json")
    said = json.loads(facts.run(["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", temporary], cwd=package))
    # A list of packages in npm up to version 11, an object by name since.
    one = next(iter(said if isinstance(said, list) else said.values()))
    packed = {file["path"]: file["mode"] for file in one["files"]}
    program = "bin/mpp.js" if "bin" in manifest else "bin/mpp"
    for wanted in ("package.json", "README.md", program, *facts.LICENSES):
        if wanted not in packed:
            raise facts.Problem(f"{manifest['name']} would lack {wanted}")
    if packed[program] & 0o111 == 0:
        raise facts.Problem(f"{program} of {manifest['name']} would not be executable")
    return temporary / one["filename"].replace("@", "").replace("/", "-")
