"""One record of the product's own format: its fields with their types, and its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import TypeVar

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.native_format import PLACE_FIELDS

Value = TypeVar("Value")

_LONGEST_ROW = 2**31 - 1


class NativeRecord:
    """Reads the fields of one record; what it cannot read is a finding, never an error.

    Texts are taken as they stand: the format is written by the product and loses nothing.
    """

    def __init__(
        self,
        data: Mapping[object, object],
        *,
        label: str,
        number: int,
        context: LoadContext,
        lines: Mapping[tuple[int, str], int] | None = None,
    ) -> None:
        self._data, self._context, self._lines = data, context, lines or {}
        self.label, self.number = label, number
        self._asked: set[object] = set(PLACE_FIELDS)
        self._is_used = False

    @property
    def place(self) -> tuple[str, int]:
        """File and row of the export from which the record first came, else its own place."""
        file, row = (self._data.get(name) for name in PLACE_FIELDS)
        if isinstance(file, str) and file and type(row) is int and 0 <= row <= _LONGEST_ROW:
            return file, row
        return self.label, self.number

    def text(self, field: str, missing: str = "") -> str:
        """Return the text of a field; numbers and dates as they are written."""
        value = self._value(field)
        if value is None:
            return missing
        text = text_of(value)
        if text is None:
            self.report("invalid-value", f"{field} is no text; it was left empty", field)
            return missing
        return text

    def has(self, field: str) -> bool:
        """Return whether the record has a field, filled or not."""
        return field in self._data

    def joined(self, field: str) -> str:
        """Return the texts of a field that may be a list or one text, with ``;`` between them."""
        return "; ".join(self.texts(field))

    def part(self, field: str) -> Mapping[object, object]:
        """Return a field that holds a mapping; anything else is an empty one, with a finding."""
        value = self._value(field)
        if value is not None and not isinstance(value, Mapping):
            self.report("invalid-value", f"{field} is no mapping; it was left out", field)
        return value if isinstance(value, Mapping) else {}

    def value(self, field: str, read: Callable[[str], Value], missing: Value, code: str) -> Value:
        """Return what a field means; an unreadable one is missing, with a finding."""
        text = self.text(field)
        if not text:
            return missing
        try:
            return read(text)
        except InvalidQuantityError as error:
            self.report(code, f"{field}: {error}", field)
            return missing

    def moment(self, field: str, *, date_is_enough: bool = True) -> datetime | None:
        """Return the UTC time of a field, or None; an unreadable one is a finding."""
        probe = FindingCollector()
        moment = self._context.times.read(
            self.text(field),
            found=probe,
            file=self.label,
            row=self.number,
            field=field,
            date_is_enough=date_is_enough,
        )
        for one in probe.findings():
            self.report(one.code, one.message, field)
        return moment

    def texts(self, field: str) -> tuple[str, ...]:
        """Return the entries of a field that holds a list; a single text is one entry."""
        value = self._value(field)
        entries = value if isinstance(value, list) else [] if value is None else [value]
        texts = [text_of(entry) for entry in entries]
        if None in texts:
            text = f"{field} holds more than texts; they were left out"
            self.report("invalid-value", text, field)
        return tuple(text for text in texts if text)

    def attributes(self) -> dict[str, str]:
        """Return the further columns of a CI."""
        value = self._value("attributes")
        if value is None:
            return {}
        pairs = value.items() if isinstance(value, Mapping) else ()
        kept = {str(name): text for name, cell in pairs if (text := text_of(cell)) is not None}
        if not isinstance(value, Mapping) or len(kept) < len(value):
            self.report("invalid-value", "attributes are names with texts; others were left out")
        return kept

    def unknown_fields(self) -> dict[str, str]:
        """Return the fields of a used record that nobody asked for, each with a hint, sorted."""
        if not self._is_used:
            return {}
        names = sorted(str(name) for name in self._data if name not in self._asked)
        return {name: self._hint(name) for name in names}

    def _hint(self, name: str) -> str:
        known = [str(field) for field in self._asked if field not in PLACE_FIELDS]
        near = get_close_matches(name, sorted(known), n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        return f"{meant}{self.where(name)}"

    def where(self, field: str = "") -> str:
        """Return the line of a field, else of the record, to end a sentence; "" if unknown."""
        names = [field] if field and field in self._data else list(map(str, self._data))
        lines = [line for name in names if (line := self._lines.get((id(self._data), name)))]
        return f" (line {min(lines)})" if lines else ""

    def use(self) -> None:
        """Mark the record as used."""
        self._is_used = True
        self._context.ledger.use(self.label, self.number)
        if self.place != (self.label, self.number):
            self._context.carried.add(self.place, [(self.label, self.number)])

    def refuse(self, code: str, text: str) -> None:
        """Collect a finding about the record, which is not used."""
        self.report(code, text)
        self._context.ledger.refuse(self.label, self.number)

    def report(self, code: str, text: str, field: str = "") -> None:
        """Collect a finding about the record, or about one of its fields."""
        message = f"{text}{self.where(field)}"
        self._context.found.add(code, message, file=self.label, row=self.number)

    def _value(self, field: str) -> object:
        self._asked.add(field)
        return self._data.get(field)


def text_of(value: object) -> str | None:
    """Return the text of a scalar of JSON or YAML; None for lists and mappings."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return value.isoformat() if isinstance(value, (date, datetime)) else None
