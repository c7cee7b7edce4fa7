"""The names that misspelled ones were probably meant to be."""

import unittest

from mpp._nearest import nearest


class Nearest(unittest.TestCase):
    def test_finds_what_was_probably_meant(self):
        names = ["query", "limit", "package_id"]
        for word, expected in [
            ("qurey", "query"),
            ("package-id", "package_id"),
            ("Limit", "limit"),
            ("lmit", "limit"),
            ("zzz", None),
            ("", None),
            ("q" * 1000, None),
        ]:
            self.assertEqual(nearest(word, names), expected, word)
        self.assertIsNone(nearest("a", []))
