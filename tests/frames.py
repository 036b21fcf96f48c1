"""Frames of the sockets, as a page reads them."""

import json
import zlib

from search.base.serialization import Json


def message_of(frame: str | bytes) -> Json:
    """The message in a text frame, or compressed in a binary one."""
    message: Json = json.loads(frame if isinstance(frame, str) else zlib.decompress(frame))
    return message
