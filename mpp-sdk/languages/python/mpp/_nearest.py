"""Finds the name that a misspelled one was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable

#: Longer words are not compared.
_LONGEST = 128


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Returns the name that is nearest to a word; `None` if no name is near enough.

    Near enough means that at most a third of the longer word's characters differ, where two neighbours that are swapped count once. Case
    does not matter, nor does the difference between `-` and `_`.
    """
    wanted = _folded(word)
    best: tuple[int, str] | None = None
    for name in names:
        other = _folded(name)
        longest = max(len(wanted), len(other))
        if longest > _LONGEST:
            continue
        distance = _distance(wanted, other)
        is_near = distance <= (longest + 2) // 3 and distance < len(other)
        if is_near and (best is None or distance < best[0]):
            best = (distance, name)
    return best[1] if best else None


def _folded(word: str) -> str:
    return word.lower().replace("-", "_")


def _distance(a: str, b: str) -> int:
    """Returns the number of changes that turn one word into the other."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
