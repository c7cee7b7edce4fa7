"""Uses the state and the files that the manifest declares."""

from pathlib import Path

import mpp


@mpp.tool
def count() -> str:
    """Count the calls."""
    return f"count {mpp.kv.increment('calls')}"


@mpp.tool
def copy() -> str:
    """Copy a file."""
    text = Path("/in/text.txt").read_text()
    Path("/out/text.txt").write_text(text)
    return f"copied {len(text)}"
