"""XML lists of records (``<unload>``, ``<xml>``): one table per tag; no entities, no DTD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.loaders.reading.flatten import table_from_records
from ripplegraph.loaders.reading.raw import RawTable
from ripplegraph.loaders.reading.session import SPLIT_OR_RAISE, BrokenFileError, ReadingSession
from ripplegraph.loaders.reading.sources import SourceFile

if TYPE_CHECKING:
    from lxml.etree import XMLPullParser, _Element

_CHUNK = 1 << 16
_RECORD_MEMORY = 600
_CELL_MEMORY = 160
_ANONYMOUS = frozenset({"result", "row", "record", "item"})
_EXPORT_AGAIN = "Export it again."


def read_xml(source: SourceFile, session: ReadingSession) -> list[RawTable]:
    """Return a table per record tag; of a broken file the records before the break."""
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    records = _RecordCollector(source, session)
    try:
        _feed(parser, records, source, session)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = f"no valid XML ({' '.join(str(error).split())[:300]})"
        if not records.count:
            raise BrokenFileError(source.label, f"it is {reason}", _EXPORT_AGAIN) from error
        message = f"{reason}; the {records.count:,} complete records before were read"
        session.found.add("broken-file", message, file=source.label, row=records.count + 1)
    return records.tables()


def _feed(
    parser: XMLPullParser, records: _RecordCollector, source: SourceFile, session: ReadingSession
) -> None:
    with source.opener() as stream:
        while chunk := stream.read(_CHUNK):
            parser.feed(chunk)
            records.take(parser)
            session.show(source.label, stream.tell(), source.size)
    parser.close()
    records.take(parser)


class _RecordCollector:
    """Takes each child of the root as a record and frees its element."""

    def __init__(self, source: SourceFile, session: ReadingSession) -> None:
        self._source, self._session = source, session
        self._by_tag: dict[str, list[dict[str, object]]] = {}
        self._level = 0
        self.count = 0

    def take(self, parser: XMLPullParser) -> None:
        """Take what the parser has completed."""
        from lxml import etree

        for event, element in parser.read_events():
            if not isinstance(element, etree._Element):
                continue
            if event == "start":
                self._enter(element)
            else:
                self._level -= 1
                if self._level == 1:
                    self._add(element)

    def tables(self) -> list[RawTable]:
        """Return one table per tag, in order of first appearance."""
        label = self._source.label
        if len(self._by_tag) > 1000:
            limit = f"it holds {len(self._by_tag):,} kinds of records"
            raise LimitExceededError(label, limit, "Export tables, one element per record.")
        tables = []
        for tag, records in self._by_tag.items():
            name = self._source.name if tag.casefold() in _ANONYMOUS else tag
            file = f"{label}#{tag}" if len(self._by_tag) > 1 else label
            tables.append(table_from_records(name, file, records))
        if not tables:
            self._session.found.add("empty-table", "no records beneath the root", file=label)
        return tables

    def _enter(self, element: _Element) -> None:
        self._level += 1
        limit = self._session.limits.depth
        if self._level > limit:
            text = f"it is nested deeper than {limit} levels (depth)"
            raise LimitExceededError(self._source.label, text, SPLIT_OR_RAISE)
        if self._level == 1 and element.getroottree().docinfo.internalDTD is not None:
            reason = "it declares a document type (DTD), which is refused"
            raise UnreadableFileError(self._source.label, reason, "Export it without a DTD.")

    def _add(self, element: _Element) -> None:
        record, repeated = _record_of(element)
        records = self._by_tag.setdefault(_name(element), [])
        for name in repeated:
            message = f"element {name[:100]!r} stands again in one record; the first counts"
            self._session.found.add(
                "duplicate-column", message, file=self._source.label, row=len(records) + 1
            )
        memory = sum(map(len, (text for text in record.values() if isinstance(text, str))))
        memory += _RECORD_MEMORY + _CELL_MEMORY * len(record)
        self._session.hold(self._source.label, memory)
        records.append(record)
        self.count += 1
        parent = element.getparent()
        element.clear()
        if parent is not None:
            parent.remove(element)


def _record_of(element: _Element) -> tuple[dict[str, object], list[str]]:
    """Return the cells of a record, and the names of elements that stand in it again."""
    repeated: list[str] = []
    record: dict[str, object] = {
        f"@{_text(name)}": _text(text) for name, text in element.attrib.items()
    }
    pending = [("", child) for child in reversed(element)]
    while pending:
        prefix, field = pending.pop()
        name = prefix + _name(field)
        if name in record:
            repeated.append(name)
            continue
        for key in ("display_value", "link"):
            if key in field.attrib:
                record[f"{name}.{key}"] = str(field.attrib[key])
        if len(field):
            pending.extend((f"{name}.", child) for child in reversed(field))
        else:
            record[name] = field.text or ""
    if not len(element) and (element.text or "").strip():
        record[_name(element)] = element.text or ""
    return record, repeated


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]
