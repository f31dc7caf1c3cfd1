"""Where the records of a long JSON list end, found in bytes without parsing them."""

from __future__ import annotations

import re
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ripplegraph.loaders.reading.chunk_reading import NotPlainError

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_QUOTE, _OPENING, _CLOSING = ord('"'), ord("{"), ord("}")
_SIXTH_BIT = 32  # in which brackets and braces differ
_BOM = b"\xef\xbb\xbf"
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff")
_SPACE = re.compile(rb"[ \t\r\n]*")
_LOOKS = 4


class RecordEnds(NamedTuple):
    """Where the last whole record ends (0 if none does), and the bracket of the list (or -1)."""

    record: int
    bracket: int


def ends_in_list(text: bytes) -> RecordEnds:
    """Return what ends in the inside of a list, of which ``text`` starts between two records."""
    places, steps, depth = _nesting(text)
    beyond = np.flatnonzero(depth < 0)
    if len(beyond):
        return RecordEnds(0, int(places[beyond[0]]))
    whole = np.flatnonzero((depth == 0) & (steps < 0))
    return RecordEnds(int(places[whole[-1]]) + 1 if len(whole) else 0, -1)


def end_of_value(text: bytes) -> int:
    """Return where the object or list that starts here ends; 0 if it goes on."""
    places, steps, depth = _nesting(text)
    whole = np.flatnonzero((depth == 0) & (steps < 0))
    return int(places[whole[0]]) + 1 if len(whole) else 0


def _nesting(text: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the brackets outside of texts: their places, steps down or up, depths after them."""
    bare = _ESCAPED.sub(b"__", text) if b"\\" in text else text
    data = np.frombuffer(bare, np.uint8)
    quotes = np.flatnonzero(data == _QUOTE)
    folded = data | _SIXTH_BIT
    places = np.flatnonzero((folded == _OPENING) | (folded == _CLOSING))
    places = places[np.searchsorted(quotes, places) % 2 == 0]
    steps = np.where(folded[places] == _OPENING, 1, -1)
    return places, steps, np.cumsum(steps)


class Pieces:
    """The bytes of a file, read in pieces; ``text`` is what was read and not dropped yet.

    ``at`` is where ``text`` starts in the file, a byte order mark not counted. What is no UTF-8 at
    its first sight, holds NUL characters or a value longer than ``longest`` is not plain.
    """

    def __init__(self, stream: BinaryIO, chunk_bytes: int, longest: int) -> None:
        self._stream, self._chunk_bytes, self._longest = stream, chunk_bytes, longest
        self.text = b""
        self.at = self.bytes_read = 0
        self._read(4)
        if self.text.startswith(_OTHER_BOMS):
            raise NotPlainError
        self.text = self.text.removeprefix(_BOM)

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        if len(self.text) > self._longest + self._chunk_bytes:
            raise NotPlainError
        return self._read(self._chunk_bytes)

    def _read(self, count: int) -> bool:
        piece = self._stream.read(count)
        if b"\0" in piece:
            raise NotPlainError
        self.text += piece
        self.bytes_read += len(piece)
        return bool(piece)

    def drop(self, count: int) -> None:
        """Forget the first bytes."""
        self.text = self.text[count:]
        self.at += count

    def next_byte(self) -> bytes:
        """Return the next byte that is no space, b"" at the end; the spaces are dropped."""
        while True:
            space = _SPACE.match(self.text)
            self.drop(space.end() if space else 0)
            if self.text or not self.more():
                return self.text[:1]

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """Return what the next bytes match, which are dropped; more follows it."""
        while True:
            found = pattern.match(self.text)
            if found is not None and found.end() < len(self.text):
                self.drop(found.end())
                return found
            if not self.more():
                raise NotPlainError

    def first_lines(self) -> list[bytes]:
        """Return the lines that start here, as far as the next few pieces show them."""
        lines: list[bytes] = []
        for _ in range(_LOOKS):
            lines = [line for line in self.text.splitlines() if line.strip()]
            if len(lines) > 1 or not self.more():
                break
        return lines

    def end_of_lines(self) -> int:
        """Return where the last whole line ends, 0 if none does."""
        return max(self.text.rfind(b"\n"), self.text.rfind(b"\r")) + 1

    def whole_object(self) -> bytes:
        """Return the object that starts here, which is dropped."""
        while not (end := end_of_value(self.text)):
            if not self.more():
                raise NotPlainError
        value = self.text[:end]
        self.drop(end)
        return value
