"""Tests of pack.py: what it refuses, and that a refusal leaves nothing behind. `python3 -m unittest` runs them."""

import contextlib
import io
import json
import pathlib
import re
import shutil
import sys
import tempfile
import unittest
import zipfile
from unittest import mock

import pack
from packing import facts, npm, wheel


class Case(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.dir = pathlib.Path(temporary.name)

    def write(self, name, content):
        path = self.dir / name
        path.write_bytes(content)
        path.chmod(0o755)
        return path

    def pack(self, *words):
        """Runs the script, and returns its exit code and what it printed on stderr."""
        errors = io.StringIO()
        with mock.patch.object(sys, "argv", ["pack.py", *map(str, words)]), contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            return pack.main(), errors.getvalue()

    def refused(self, expected, *words):
        out = self.dir / "out"
        code, said = self.pack(*words, "--out", out)
        self.assertEqual(code, 1, said)
        self.assertIn(expected, said)
        self.assertEqual(list(out.iterdir()) if out.exists() else [], [])


class Facts(Case):
    def test_the_version_is_that_of_every_manifest_of_the_workspace(self):
        lock = (facts.ROOT / "Cargo.lock").read_text()
        self.assertIn(f'name = "cargo-mpp"\nversion = "{facts.version()}"\n', lock)

    def test_the_platforms_are_told_by_the_first_bytes(self):
        elf = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00"
        for head, target in [
            (elf + b"\x3e\x00", "x86_64-unknown-linux-gnu"),
            (elf + b"\xb7\x00", "aarch64-unknown-linux-gnu"),
            (b"\xcf\xfa\xed\xfe\x07\x00\x00\x01", "x86_64-apple-darwin"),
            (b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01", "aarch64-apple-darwin"),
        ]:
            self.assertEqual(facts.target_of(self.write("program", head + bytes(64))), target)
        with self.assertRaisesRegex(facts.Problem, "for a processor"):
            facts.target_of(self.write("program", elf + b"\xf3\x00" + bytes(64)))

    def test_the_newest_glibc_counts(self):
        strings = b"\0GLIBC_2.9\0GLIBC_2.34\0GLIBC_2.2.5\0GLIBC_PRIVATE\0"
        self.assertEqual(facts.glibc_of(self.write("program", strings)), (2, 34))
        self.assertIsNone(facts.glibc_of(self.write("program", b"static")))

    def test_a_tag_that_promises_an_older_glibc_is_refused(self):
        program = self.write("program", b"\0GLIBC_2.34\0")
        wheel.check_tag("a.whl", "manylinux_2_34_x86_64", program)
        with self.assertRaisesRegex(facts.Problem, "needs glibc 2.34, which is newer than its tag says"):
            wheel.check_tag("a.whl", "manylinux_2_17_x86_64.manylinux2014_x86_64", program)


class Workflow(Case):
    def test_the_release_builds_every_platform_once(self):
        text = (facts.ROOT / ".github/workflows/release.yml").read_text()
        built = re.findall(r"^ +- target: (\S+)$", text, re.MULTILINE)
        self.assertEqual(sorted(built), sorted(one["target"] for one in facts.platforms()))

    def test_the_book_states_the_oldest_glibc(self):
        text = (facts.ROOT / "book/src/install.md").read_text()
        self.assertIn(f"glibc {facts.OLDEST_GLIBC[0]}.{facts.OLDEST_GLIBC[1]} or newer", text)


class Npm(Case):
    def test_a_program_of_another_version_is_refused(self):
        self.refused("but the version of the workspace is", "npm", "--main", shutil.which("true"))

    def test_what_is_not_a_program_is_refused(self):
        self.refused("is not a program for Linux or macOS", "npm", self.write("script", b"#!/bin/sh\n"))
        self.refused("absent does not exist", "npm", self.dir / "absent")
        self.refused("nothing to pack", "npm")

    def test_a_wheel_without_the_program_is_refused(self):
        path = self.dir / "other.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("other.data/scripts/other", "")
        self.refused("contains no program `mpp`", "npm", path)

    def test_the_launcher_depends_on_the_package_of_every_platform_in_its_own_version(self):
        manifest = npm.read(npm.main(self.dir / "main", "https://example.com/mpp/") / "package.json")
        wanted = {f"@mpp-protocol/cli-{one['os']}-{one['cpu']}": facts.version() for one in facts.platforms()}
        self.assertEqual(manifest["optionalDependencies"], wanted)
        self.assertEqual(manifest["version"], facts.version())
        self.assertEqual(manifest["repository"]["url"], "git+https://example.com/mpp.git")
        self.assertNotIn("scripts", manifest)

    def test_a_file_that_is_missing_in_the_package_is_noticed(self):
        package = npm.main(self.dir / "main", None)
        (package / "LICENSE-MIT").unlink()
        with self.assertRaisesRegex(facts.Problem, "would lack LICENSE-MIT"):
            npm.tarball(package, self.dir)


class Wheel(Case):
    def test_a_program_for_another_machine_is_refused(self):
        other = next(one["target"] for one in facts.platforms() if one["target"] != facts.host())
        self.refused(f"not for {other}", "wheel", "--program", shutil.which("true"), "--target", other)

    def test_an_unknown_target_is_refused(self):
        self.refused("riscv64gc-unknown-linux-gnu is not a target of packages", "wheel", "--target", "riscv64gc-unknown-linux-gnu")

    def test_a_program_of_another_version_is_refused(self):
        self.refused("but the version of the workspace is", "wheel", "--program", shutil.which("true"))

    def test_a_missing_maturin_is_named_with_the_line_that_installs_it(self):
        with mock.patch.object(shutil, "which", return_value=None), mock.patch("importlib.util.find_spec", return_value=None):
            self.refused("run `pip install maturin`", "wheel")

    def test_both_packages_have_the_same_licence(self):
        project = (facts.HERE / "pypi/pyproject.toml").read_text()
        workspace = re.search(r'^license = "([^"]+)"$', (facts.ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
        self.assertIn(f'license = "{workspace}"', project)
        for path in ("npm/cli/package.json", "npm/platform/package.json"):
            self.assertEqual(json.loads((facts.HERE / path).read_text())["license"], workspace)


if __name__ == "__main__":
    unittest.main()
