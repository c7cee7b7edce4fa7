"""The parts of pack.py."""
