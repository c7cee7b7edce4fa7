#!/usr/bin/env python3
"""Builds the program as a wheel for PyPI and as packages for npm. `cargo xtask package --wheel` and `--npm` call it.

    pack.py wheel [--profile NAME] [--target TRIPLE] [--program FILE] [--zig] [--repository URL] [--out DIR] [-- MATURIN OPTIONS]
    pack.py npm PROGRAM_OR_WHEEL... [--main] [--repository URL] [--out DIR]

Both write into `target/packages` unless `--out` names another directory. Everything is written beside its final name, checked, and then
renamed, so that a file that is there is whole. Each package says the version of the workspace, and so must the program in it.
"""

import argparse
import sys

sys.dont_write_bytecode = True

from packing import facts, npm, wheel  # noqa: E402


def main():
    parser = argparse.ArgumentParser(prog="pack.py", description="Builds the program as a wheel and as npm packages.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("wheel", help="build a wheel with maturin")
    build.add_argument("--profile", default="release", help="profile of cargo (default: release)")
    build.add_argument("--target", default=facts.host(), help="target of the compiler (default: this machine's)")
    build.add_argument("--program", help="pack this program, and compile nothing")
    build.add_argument("--zig", action="store_true", help="link with zig, for a glibc older than this machine's")
    build.add_argument("options", nargs="*", help="further options of maturin, after `--`")
    pack = commands.add_parser("npm", help="pack programs, each a file or a wheel that contains one, for npm")
    pack.add_argument("programs", nargs="*", help="program, or wheel with a program; a program is one for this machine")
    pack.add_argument("--main", action="store_true", help="also pack the package that people install")
    for command in (build, pack):
        command.add_argument("--repository", help="address of the repository, for the packages' metadata")
        command.add_argument("--out", default=str(facts.ROOT / "target/packages"), help="directory of the packages")
    arguments = parser.parse_args()
    try:
        written = wheel.build(arguments) if arguments.command == "wheel" else npm.pack(arguments)
    except facts.Problem as problem:
        print(f"pack.py: {problem}", file=sys.stderr)
        return 1
    for path in written:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
