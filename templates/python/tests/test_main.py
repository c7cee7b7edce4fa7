"""Tests of the tool. They run on this machine: a tool is a plain function."""

import unittest

import mpp

from main import greet


class Greets(unittest.TestCase):
    def test_greets_as_often_as_asked(self):
        self.assertEqual(greet("Ada", times=2).text, "Hello, Ada! Hello, Ada!")

    def test_a_blank_name_is_refused(self):
        with self.assertRaises(mpp.ToolError) as refused:
            greet(" ")
        self.assertEqual(refused.exception.code, "no_name")


if __name__ == "__main__":
    unittest.main()
