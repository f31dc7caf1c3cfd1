"""Which encoding a text file has, and what had to be repaired to read it."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ripplegraph.loaders.reading.session import ReadingSession

_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose BOM it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEncoding:
    """How to decode a file: codec, length of the BOM, and what its text is like.

    ``longest_line`` is an upper bound in characters.
    """

    codec: str
    bom: int = 0
    is_guessed: bool = False
    replaced: int = 0
    nuls: int = 0
    has_quotes: bool = True
    longest_line: int = 0

    def report(self, session: ReadingSession, file: str) -> None:
        """Add the findings about the encoding."""
        if self.is_guessed:
            message = f"not UTF-8; read as {self.codec}"
            session.found.add("encoding-guessed", message, file=file)
        if self.replaced:
            message = f"{self.replaced:,} invalid characters replaced (read as {self.codec})"
            session.found.add("replaced-characters", message, file=file, count=self.replaced)
        if self.nuls:
            message = f"{self.nuls:,} NUL characters dropped"
            session.found.add("replaced-characters", message, file=file, count=self.nuls)


def encoding_of(stream: BinaryIO) -> TextEncoding:
    """Return the encoding of a stream, which is read to its end."""
    head = stream.read(_CHUNK)
    codec, bom = codec_of(head)
    if codec == "utf-8":
        return _utf8_or_cp1252(head, bom, stream)
    return _census(codec, head[bom:], stream).encoding(codec, bom, is_guessed=bom == 0)


def decode(data: bytes, session: ReadingSession, file: str) -> str:
    """Return the text of a whole file, its repairs reported."""
    encoding = encoding_of(io.BytesIO(data))
    encoding.report(session, file)
    text = data[encoding.bom :].decode(encoding.codec, "replace")
    return text.replace("\0", "") if encoding.nuls else text


def codec_of(head: bytes) -> tuple[str, int]:
    """Return the codec that the first bytes of a file point to, and the length of its BOM."""
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return codec, len(bom)
    sample = head[:4096]
    if len(sample) >= 8:
        half = len(sample) // 2
        if sample[1::2].count(0) > 0.6 * half and sample[0::2].count(0) < 0.1 * half:
            return "utf-16-le", 0
        if sample[0::2].count(0) > 0.6 * half and sample[1::2].count(0) < 0.1 * half:
            return "utf-16-be", 0
    return "utf-8", 0


def _utf8_or_cp1252(head: bytes, bom: int, stream: BinaryIO) -> TextEncoding:
    census = _census("utf-8", head[bom:], stream)
    # a UTF-8 file with a few broken bytes has more valid wide characters than broken ones
    if not census.replaced or bom or census.wide > census.replaced:
        return census.encoding("utf-8", bom, is_guessed=False)
    stream.seek(0)
    return _census("cp1252", b"", stream).encoding("cp1252", 0, is_guessed=True)


@dataclass(slots=True)
class _Census:
    """How many characters are broken, NUL, valid but not ASCII, quotes; how long lines may be."""

    replaced: int = 0
    nuls: int = 0
    wide: int = 0
    quotes: int = 0
    longest_run: int = 0

    def encoding(self, codec: str, bom: int, *, is_guessed: bool) -> TextEncoding:
        """Return the encoding that this census was made with."""
        return TextEncoding(
            codec=codec,
            bom=bom,
            is_guessed=is_guessed,
            replaced=self.replaced,
            nuls=self.nuls,
            has_quotes=self.quotes > 0,
            longest_line=self.longest_run + 2 * _CHUNK,
        )


def _census(codec: str, head: bytes, stream: BinaryIO) -> _Census:
    census, run = _Census(), 0
    decoder = codecs.getincrementaldecoder(codec)("replace")
    for chunk in _chunks(head, stream):
        text = decoder.decode(chunk, final=not chunk)
        census.nuls += text.count("\0")
        census.quotes += text.count('"')
        run = 0 if "\n" in text or "\r" in text else run + len(text)
        census.longest_run = max(census.longest_run, run)
        if not text.isascii():
            broken = text.count("\ufffd")
            census.replaced += broken
            census.wide += len(text) - len(text.encode("ascii", "ignore")) - broken
    return census


def _chunks(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield head or stream.read(_CHUNK)
    while chunk := stream.read(_CHUNK):
        yield chunk
    yield b""
