"""Runs the cases in tests/*.yaml with the finished package, in the sandbox."""

import json
import shutil
import subprocess
import unittest


@unittest.skipUnless(shutil.which("mpp"), "mpp is not installed")
class Cases(unittest.TestCase):
    def test_cases(self):
        run = subprocess.run(["mpp", "test", "--format", "json"], capture_output=True, text=True)
        # The exit code is 1 if a case fails. If there is no document, stderr says why.
        self.assertIn(run.returncode, (0, 1), run.stderr)
        for file in json.loads(run.stdout)["files"]:
            for case in file["cases"]:
                with self.subTest(case["name"], at=f"{file['path']}:{case['line']}"):
                    messages = [mismatch["message"] for mismatch in case["mismatches"]]
                    self.assertEqual(messages, [], case["log"])


if __name__ == "__main__":
    unittest.main()
