#!/usr/bin/env python3
"""Stands in for cargo when maturin packs a program that is compiled already: answers `cargo rustc` with that program.

The variable MPP_COMPILED names the program and MPP_CARGO the cargo for everything else.
"""

import json
import os
import sys


def main():
    words = sys.argv[1:]
    if "rustc" not in words:
        cargo = os.environ["MPP_CARGO"]
        os.execvp(cargo, [cargo, *words])
    program, manifest = os.environ["MPP_COMPILED"], words[words.index("--manifest-path") + 1]
    target = {"kind": ["bin"], "crate_types": ["bin"], "name": "mpp", "src_path": "src/bin/mpp.rs", "edition": "2024", "doc": True, "doctest": False, "test": True}
    profile = {"opt_level": "3", "debuginfo": 0, "debug_assertions": False, "overflow_checks": False, "test": False}
    print(json.dumps({
        "reason": "compiler-artifact",
        "package_id": os.environ["MPP_PACKAGE_ID"],
        "manifest_path": manifest,
        "target": target,
        "profile": profile,
        "features": [],
        "filenames": [program],
        "executable": program,
        "fresh": True,
    }))
    print(json.dumps({"reason": "build-finished", "success": True}))


if __name__ == "__main__":
    main()
