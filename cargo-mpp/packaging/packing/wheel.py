"""The wheel: maturin builds it, and this module prepares what maturin reads and checks what it wrote."""

import email.parser
import importlib.util
import os
import re
import shutil
import sys
import tempfile
import zipfile

from . import facts, licenses

PROGRAM = re.compile(r"^[^/]+\.data/scripts/([^/]+)$")


def build(arguments):
    facts.platform(arguments.target)
    out = facts.pathlib.Path(arguments.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    # Inside `out`, so that renaming is not copying.
    with tempfile.TemporaryDirectory(dir=out, prefix=".wheel-") as temporary:
        temporary = facts.pathlib.Path(temporary)
        project = prepare(temporary / "project", arguments)
        written = temporary / "written"
        words = [*maturin(), "build", "--locked", "--profile", arguments.profile, "--out", written, *arguments.options]
        if arguments.zig:
            words += ["--zig", "--compatibility", f"manylinux_{facts.OLDEST_GLIBC[0]}_{facts.OLDEST_GLIBC[1]}"]
        if arguments.zig or arguments.target != facts.host():
            words += ["--target", arguments.target]
        environment = compiled(arguments, temporary) if arguments.program else os.environ
        facts.run(words, cwd=project, env=environment)
        wheels = list(written.glob("*.whl"))
        if len(wheels) != 1:
            raise facts.Problem(f"maturin wrote {len(wheels)} wheels instead of one")
        check(wheels[0], arguments.target, temporary)
        return [facts.replace(wheels[0], out / wheels[0].name)]


def compiled(arguments, temporary):
    """Returns the environment in which maturin packs a program instead of compiling one."""
    program = facts.stripped(arguments.program, temporary / "compiled/mpp", arguments.target)
    package = next(one for one in licenses.metadata(arguments.target)["packages"] if one["name"] == "cargo-mpp")
    return {
        **os.environ,
        "CARGO": str(facts.HERE / "packing/compiled.py"),
        "MPP_CARGO": os.environ.get("CARGO", "cargo"),
        "MPP_COMPILED": str(program),
        "MPP_PACKAGE_ID": package["id"],
    }


def maturin():
    """Returns the command of maturin: the program, or the module of this Python."""
    if shutil.which("maturin"):
        return ["maturin"]
    if importlib.util.find_spec("maturin"):
        return [sys.executable, "-m", "maturin"]
    raise facts.Problem("maturin is not installed: run `pip install maturin`, or `pip install 'maturin[zig]'` for --zig")


def prepare(project, arguments):
    """Writes the project that maturin reads: the one of the repository, with what only the whole repository knows."""
    project.mkdir(parents=True)
    text = (facts.HERE / "pypi/pyproject.toml").read_text()
    manifest = os.path.relpath(facts.ROOT / "cargo-mpp/Cargo.toml", project)
    text += f'manifest-path = "{manifest}"\n\n[[tool.maturin.targets]]\nname = "mpp"\nkind = "bin"\n'
    if arguments.repository:
        url = arguments.repository.removesuffix("/")
        urls = {"Repository": url, "Changelog": f"{url}/blob/main/CHANGELOG.md", "Issues": f"{url}/issues"}
        text += "\n[project.urls]\n" + "".join(f'{name} = "{address}"\n' for name, address in urls.items())
    (project / "pyproject.toml").write_text(text)
    shutil.copy(facts.HERE / "pypi/README.md", project)
    shutil.copytree(facts.HERE / "pypi/data", project / "data")
    for name in facts.LICENSES:
        shutil.copy(facts.ROOT / name, project)
    (project / "THIRD-PARTY-LICENSES.txt").write_text(licenses.text(arguments.target))
    return project


def check(path, target, temporary):
    """Checks the finished wheel: its version, its files, its tag, and the program."""
    name, version, _, _, tag = path.name.removesuffix(".whl").split("-")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        metadata = email.parser.Parser().parsestr(archive.read(f"{name}-{version}.dist-info/METADATA").decode())
        for wanted in ("LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-LICENSES.txt"):
            if not any(entry.endswith(f"/licenses/{wanted}") for entry in names):
                raise facts.Problem(f"{path.name} does not contain {wanted}")
        programs = sorted(match.group(1) for match in map(PROGRAM.match, names) if match)
        if "mpp" not in programs:
            raise facts.Problem(f"{path.name} contains no program `mpp`")
    # Versions before a release are spelled differently by the two registries: 0.2.0-rc.1 is 0.2.0rc1.
    expected = re.sub(r"-(alpha|beta|rc)\.?", lambda found: {"alpha": "a", "beta": "b"}.get(found[1], found[1]), facts.version())
    if metadata["Version"] != expected:
        raise facts.Problem(f"{path.name} has version {metadata['Version']}, but that of the workspace is {facts.version()}")
    program = extract(path, temporary)
    if facts.target_of(program) != target:
        raise facts.Problem(f"{path.name} contains a program for {facts.target_of(program)}, not for {target}")
    check_tag(path.name, tag, program)
    facts.check_program(program, target)


def check_tag(wheel, tag, program):
    """Checks that the tag promises no older glibc than the program needs."""
    needed = facts.glibc_of(program)
    promised = [(int(major), int(minor)) for major, minor in re.findall(r"manylinux_(\d+)_(\d+)", tag)]
    if promised and needed and needed > min(promised):
        raise facts.Problem(f"{wheel}: the program needs glibc {needed[0]}.{needed[1]}, which is newer than its tag says")


def extract(path, directory):
    """Writes the program `mpp` of a wheel into a directory."""
    if not path.is_file():
        raise facts.Problem(f"{path} does not exist")
    with zipfile.ZipFile(path) as archive:
        entry = next((entry for entry in archive.namelist() if entry.endswith(".data/scripts/mpp")), None)
        if entry is None:
            raise facts.Problem(f"{path} contains no program `mpp`")
        program = directory / "mpp"
        program.write_bytes(archive.read(entry))
    program.chmod(0o755)
    return program
