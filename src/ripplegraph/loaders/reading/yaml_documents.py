"""YAML without aliases, tags or surprises: dates, ``yes`` and ``012`` stay text, as in JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading.encodings import decode
from ripplegraph.loaders.reading.raw import RawDocument
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, BrokenFileError, ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile

if TYPE_CHECKING:
    import yaml

_DEPTH_WITH_LINES = 5
_MOST_LINES = 200_000
_VALUE = 70  # bytes that a small value and the pointer to it occupy
_WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_STRING_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))
_TREE_TAGS = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


def read_yaml(source: SourceFile, session: ReadingSession) -> list[RawDocument]:
    """Return the documents that a YAML file holds; those before a break if it is broken."""
    import yaml

    limit = session.limits.yaml_bytes
    if source.size > limit:
        text = f"it has {source.size:,} bytes, at most {limit:,} of YAML are read (yaml_bytes)"
        raise LimitExceededError(source.label, text, "Use JSON, or raise the limit.")
    text = decode(source.data(), session, source.label)
    documents: list[RawDocument] = []
    builder = _DocumentBuilder(source.label, session)
    try:
        for data in builder.documents(yaml.parse(text, Loader=yaml.CSafeLoader)):
            label = f"{source.label}#{len(documents) + 1}" if documents else source.label
            documents.append(RawDocument(file=label, data=data, lines=builder.take_lines()))
    except (yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        if not documents:
            why = f"it is no valid YAML ({reason})"
            raise BrokenFileError(source.label, why, "Mend it.") from error
        session.found.add("broken-file", f"no valid YAML ({reason})", file=source.label)
    if not documents:
        raise BrokenFileError(source.label, "it is empty", "Export it again.")
    return documents


class _DocumentBuilder:
    """Builds plain values from the events of the parser, without recursion."""

    def __init__(self, file: str, session: ReadingSession) -> None:
        self._file, self._session = file, session
        self._open: list[dict[object, object] | list[object]] = []
        self._keys: list[object] = []
        self._root: object = None
        self._lines: dict[tuple[int, str], int] = {}

    def take_lines(self) -> dict[tuple[int, str], int]:
        """Return the lines of the keys of the document just read."""
        taken, self._lines = self._lines, {}
        return taken

    def documents(self, events: Iterator[yaml.Event]) -> Iterator[object]:
        """Yield the value of every document."""
        from yaml import events as kinds

        for event in events:
            if isinstance(event, kinds.ScalarEvent):
                self._put(_scalar(event, self._file), event)
            elif isinstance(event, kinds.AliasEvent):
                raise self._refused(event, f"an alias (*{str(event.anchor)[:60]})")
            elif isinstance(event, (kinds.MappingStartEvent, kinds.SequenceStartEvent)):
                self._start({} if isinstance(event, kinds.MappingStartEvent) else [], event)
            elif isinstance(event, (kinds.MappingEndEvent, kinds.SequenceEndEvent)):
                self._open.pop()
                self._keys.pop()
            elif isinstance(event, kinds.DocumentEndEvent):
                yield self._root

    def _start(
        self, value: dict[object, object] | list[object], event: yaml.CollectionStartEvent
    ) -> None:
        if event.tag not in _TREE_TAGS:
            raise self._refused(event, f"the tag {str(event.tag)[:60]}")
        limit = self._session.limits.depth
        if len(self._open) >= limit:
            text = f"it is nested deeper than {limit} levels (depth)"
            raise LimitExceededError(self._file, text, SPLIT_OR_RAISE)
        self._session.hold(self._file, _VALUE * 3)
        self._put(value, event)
        self._open.append(value)
        self._keys.append(_NO_KEY)

    def _put(self, value: object, event: yaml.Event) -> None:
        self._session.hold(self._file, _VALUE + (len(value) if isinstance(value, str) else 0))
        if not self._open:
            self._root = value
            return
        parent = self._open[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif self._keys[-1] is _NO_KEY:
            if isinstance(value, (dict, list)):
                raise self._refused(event, "a key that is no text")
            key = self._keys[-1] = "" if value is None else str(value)
            if len(self._open) <= _DEPTH_WITH_LINES and len(self._lines) < _MOST_LINES:
                self._lines[id(parent), key] = _line(event)
        else:
            self._set(parent, self._keys[-1], value, event)
            self._keys[-1] = _NO_KEY

    def _set(
        self, parent: dict[object, object], key: object, value: object, event: yaml.Event
    ) -> None:
        if key in parent:
            message = (
                f"key {str(key)[:100]!r} stands twice at line {_line(event)}; the first counts"
            )
            self._session.found.add("duplicate-column", message, file=self._file)
        else:
            parent[key] = value

    def _refused(self, event: yaml.Event, what: str) -> UnreadableFileError:
        reason = f"line {_line(event)} holds {what}"
        return UnreadableFileError(self._file, reason, "Write plain YAML: no aliases, no tags.")


_NO_KEY = object()


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 0 if mark is None else mark.line + 1


def _scalar(event: yaml.ScalarEvent, file: str) -> object:
    text, tag = str(event.value), event.tag
    if tag is not None and tag not in _STRING_TAGS and tag not in _PLAIN_TAGS:
        reason = f"line {_line(event)} holds the tag {str(tag)[:60]}"
        raise UnreadableFileError(file, reason, "Write plain YAML: no aliases, no tags.")
    if tag in _STRING_TAGS or (tag is None and event.style is not None and event.style != ""):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) and len(text) < 40 else text
