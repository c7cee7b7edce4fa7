"""Results that are not structured data: text, images and audio."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Text:
    """A text."""

    text: str

    def to_json(self) -> dict[str, Any]:
        """Returns the content of a response."""
        return {"type": "text", "text": self.text}


@dataclass(frozen=True)
class Image:
    """An image, of a type such as `image/png`."""

    data: bytes
    mime_type: str

    def to_json(self) -> dict[str, Any]:
        """Returns the content of a response."""
        return _media("image", self.data, self.mime_type)


@dataclass(frozen=True)
class Audio:
    """Audio, of a type such as `audio/wav`."""

    data: bytes
    mime_type: str

    def to_json(self) -> dict[str, Any]:
        """Returns the content of a response."""
        return _media("audio", self.data, self.mime_type)


#: The classes of content.
CONTENT = (Text, Image, Audio)


def _media(kind: str, data: bytes, mime_type: str) -> dict[str, Any]:
    return {"type": kind, "data": base64.b64encode(data).decode("ascii"), "mimeType": mime_type}
