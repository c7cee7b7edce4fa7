"""What both kinds of packages need: the workspace's version, the platforms, commands, and facts about a program."""

import json
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
LICENSES = ("LICENSE-APACHE", "LICENSE-MIT")
# The oldest glibc that a released program may need: that of the oldest Node.js that npm's package accepts, and of RHEL 8.
OLDEST_GLIBC = (2, 28)


class Problem(Exception):
    """Something that the caller has to mend, in one sentence."""


def run(words, **options):
    """Runs a command and returns its output. What it prints on stderr is shown."""
    try:
        done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True, **options)
    except FileNotFoundError:
        raise Problem(f"`{words[0]}` is not installed") from None
    if done.returncode != 0:
        raise Problem(f"`{' '.join(map(str, words))}` failed with exit code {done.returncode}{printed(done.stdout)}")
    return done.stdout


def printed(text):
    return f":\n{text.rstrip()}" if text.strip() else ""


def host():
    """Returns the target triple of this machine."""
    for line in run(["rustc", "-vV"]).splitlines():
        if line.startswith("host: "):
            return line[len("host: "):]
    raise Problem("`rustc -vV` does not say which machine this is")


def version():
    """Returns the version of the workspace."""
    manifest = (ROOT / "Cargo.toml").read_text()
    found = re.search(r'^\[workspace\.package\]\nversion = "([^"]+)"$', manifest, re.MULTILINE)
    if not found:
        raise Problem("Cargo.toml has no `version` as the first key of `[workspace.package]`")
    return found.group(1)


def platforms():
    return json.loads((HERE / "platforms.json").read_text())


def platform(target):
    """Returns the platform of a target triple."""
    for one in platforms():
        if one["target"] == target:
            return one
    known = ", ".join(one["target"] for one in platforms())
    raise Problem(f"{target} is not a target of packages; the targets are {known} (packaging/platforms.json)")


def target_of(program):
    """Returns the target of an executable file, from its first bytes."""
    with open(program, "rb") as file:
        head = file.read(64)
    if head[:4] == b"\x7fELF":
        machine = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
        name = {62: "x86_64-unknown-linux-gnu", 183: "aarch64-unknown-linux-gnu"}.get(machine)
    elif head[:4] == b"\xcf\xfa\xed\xfe":
        name = {0x01000007: "x86_64-apple-darwin", 0x0100000C: "aarch64-apple-darwin"}.get(int.from_bytes(head[4:8], "little"))
    else:
        raise Problem(f"{program} is not a program for Linux or macOS")
    if name is None:
        raise Problem(f"{program} is for a processor for which there are no packages")
    return name


def glibc_of(program):
    """Returns the newest version of glibc whose functions a program for Linux uses, or None."""
    found = re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=[.\0])", pathlib.Path(program).read_bytes())
    return max(((int(major), int(minor)) for major, minor in found), default=None)


def check_program(program, target):
    """Checks that a program says the version of the workspace, as far as this machine can run it."""
    if target != host():
        return
    said = run([program, "--version"]).split("\n")[0]
    if said.split(" ")[-1] != version():
        raise Problem(f"{program} says that it is `{said}`, but the version of the workspace is {version()}: build it again")


def stripped(given, path, target=None):
    """Copies a program to `path`, without its symbols. It must be one for `target`, if that is given, and have the workspace's version."""
    given = pathlib.Path(given)
    if not given.is_file():
        raise Problem(f"{given} does not exist")
    found = target_of(given)
    if target not in (None, found):
        raise Problem(f"{given} is a program for {found}, not for {target}")
    check_program(given.resolve(), found)
    path.parent.mkdir(parents=True, exist_ok=True)
    run(["strip", "-o", path, given])
    path.chmod(0o755)
    return path


def replace(path, final):
    """Moves a finished file or directory to its final place."""
    final.parent.mkdir(parents=True, exist_ok=True)
    path.replace(final)
    return final
