"""Runs the console blocks of a page of the book: `console.py PAGE`, in the directory in which its commands start.

A line that begins with `$ ` is a command; with `<<'END'`, it goes on until the line `END`. The lines after it must occur in the output
in this order, apart from spaces at their beginning; `[..]` stands for any text. `? N` says that the command ends with exit code N.
Commands share a directory: `cd` is remembered.
"""

import os
import pathlib
import re
import subprocess
import sys


def commands(page):
    """The commands of a page: each with its line, its text, the expected lines, and the expected exit code."""
    found, inside, heredoc = [], False, False
    for number, line in enumerate(page.splitlines(), 1):
        if line.startswith("```"):
            inside = not inside and line == "```console"
        elif not inside:
            continue
        elif heredoc:
            found[-1]["text"] += "\n" + line
            heredoc = line != "END"
        elif line.startswith("$ "):
            found.append({"line": number, "text": line[2:], "expected": [], "code": 0})
            heredoc = line.endswith("<<'END'")
        elif match := re.fullmatch(r"\? (\d+)", line):
            found[-1]["code"] = int(match[1])
        elif line.strip():
            found[-1]["expected"].append(line.strip())
    return found


def missing(expected, output):
    """The first expected line that is not in the output after those before it."""
    lines = iter(line.strip() for line in output.splitlines())
    for wanted in expected:
        pattern = ".*".join(re.escape(part) for part in wanted.split("[..]"))
        if not any(re.fullmatch(pattern, line) for line in lines):
            return wanted
    return None


def main():
    page = pathlib.Path(sys.argv[1])
    here, place = os.getcwd(), pathlib.Path(".directory").absolute()
    todo = commands(page.read_text())
    for command in todo:
        print(f"$ {command['text']}", flush=True)
        script = f"{command['text']}\n(exit $?) && pwd > {place}"
        ended = subprocess.run(
            ["bash", "-o", "pipefail", "-c", script], cwd=here, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        print(ended.stdout, end="", flush=True)
        where = f"{page.name}:{command['line']}"
        if ended.returncode != command["code"]:
            sys.exit(f"{where}: exit code {ended.returncode}, expected {command['code']}")
        if (line := missing(command["expected"], ended.stdout)) is not None:
            sys.exit(f"{where}: the output lacks this line: {line}")
        if ended.returncode == 0:
            here = place.read_text().strip()
    print(f"{page.name}: {len(todo)} commands")
    if not todo:
        sys.exit("the page has no commands")


main()
