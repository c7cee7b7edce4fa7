"""Reads docstrings: the description of a tool, and those of its arguments, in the styles of Google, NumPy and Sphinx."""

from __future__ import annotations

import inspect
import re

_SECTIONS = re.compile(
    r"(args|arguments|parameters|attributes|returns?|yields?|raises|examples?|notes?|warnings?|see also|other parameters)\s*:?\s*$",
    re.IGNORECASE,
)
_FIELDS = {"args", "arguments", "parameters", "attributes", "other parameters"}
_GOOGLE = re.compile(r"(\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$")
_NUMPY = re.compile(r"(\w+(?:\s*,\s*\w+)*)\s*(?::.*)?$")
_SPHINX = re.compile(r":(?:param|parameter|arg|argument|ivar)\s+(?:[^:]*\s)?(\w+)\s*:\s*(.*)$")
_SPHINX_OTHER = re.compile(r":(?:type|returns?|rtype|raises?|except|exception|vartype)\b[^:]*:")


def parse(docstring: str | None) -> tuple[str, dict[str, str]]:
    """Returns the description, and the descriptions of the arguments by name."""
    if not docstring:
        return "", {}
    lines = inspect.cleandoc(docstring).split("\n")
    said: list[str] = []
    fields: dict[str, str] = {}
    index = 0
    while index < len(lines):
        line = lines[index]
        if sphinx := _SPHINX.match(line):
            block, index = _indented(lines, index + 1, 0)
            fields[sphinx[1]] = _joined([sphinx[2], *block])
        elif _SPHINX_OTHER.match(line):
            _, index = _indented(lines, index + 1, 0)
        elif (section := _section(lines, index)) is not None:
            name, start = section
            underlined = start == index + 2
            body, index = _body(lines, start, underlined=underlined)
            if name in _FIELDS:
                fields.update(_numpy(body) if underlined else _google(body))
        else:
            said.append(line)
            index += 1
    return _paragraphs(said), fields


def _section(lines: list[str], index: int) -> tuple[str, int] | None:
    """Returns the name of the section that begins at a line, and the first line of its body."""
    line = lines[index]
    found = _SECTIONS.match(line)
    if line.startswith(" ") or found is None:
        return None
    name = found[1].lower()
    if index + 1 < len(lines) and re.fullmatch(r"-{3,}\s*", lines[index + 1]):
        return name, index + 2
    return (name, index + 1) if line.rstrip().endswith(":") else None


def _body(lines: list[str], start: int, *, underlined: bool) -> tuple[list[str], int]:
    """Returns the lines of a section, and the first line after it."""
    end = start
    while end < len(lines):
        line = lines[end]
        if line and not line.startswith(" "):
            ends = _section(lines, end) is not None if underlined else True
            if ends:
                break
        end += 1
    return lines[start:end], end


def _indented(lines: list[str], start: int, depth: int) -> tuple[list[str], int]:
    """Returns the lines that are indented more than `depth`, and the first line after them."""
    end = start
    while end < len(lines) and lines[end].strip() and _depth(lines[end]) > depth:
        end += 1
    return lines[start:end], end


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _google(body: list[str]) -> dict[str, str]:
    """Reads lines such as `name (str): The name.`, whose continuations are indented more."""
    entries = [line for line in body if line.strip()]
    if not entries:
        return {}
    depth = min(_depth(line) for line in entries)
    fields: dict[str, list[str]] = {}
    current: list[str] = []
    for line in entries:
        found = _GOOGLE.match(line.strip()) if _depth(line) == depth else None
        if found:
            current = fields.setdefault(found[1].lstrip("*"), [found[2]])
        elif _depth(line) > depth:
            current.append(line)
    return {name: _joined(text) for name, text in fields.items()}


def _numpy(body: list[str]) -> dict[str, str]:
    """Reads lines such as `name : str`, whose descriptions are indented below."""
    fields: dict[str, str] = {}
    index = 0
    while index < len(body):
        found = _NUMPY.match(body[index]) if not body[index].startswith(" ") else None
        if found is None:
            index += 1
            continue
        text, index = _indented(body, index + 1, 0)
        for name in found[1].split(","):
            fields[name.strip()] = _joined(text)
    return fields


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines if line.strip())


def _paragraphs(lines: list[str]) -> str:
    """Joins the lines of each paragraph. Indented lines and lists keep their lines."""
    text = "\n".join(lines).strip("\n")
    blocks = re.split(r"\n\s*\n", text)

    def block(text: str) -> str:
        kept = any(line.startswith((" ", "-", "*")) for line in text.split("\n"))
        return text.rstrip() if kept else _joined(text.split("\n"))

    return "\n\n".join(found for found in map(block, blocks) if found)
