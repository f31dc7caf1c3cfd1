"""One record of the product's own format: its fields with their types, and its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar

from ripplegraph.errors import InvalidQuantityError
from ripplegraph.loaders.context import LoadContext
from ripplegraph.loaders.native_format import PLACE_FIELDS

Value = TypeVar("Value")

_LONGEST_ROW = 2**31 - 1


class NativeRecord:
    """Reads the fields of one record; what it cannot read is a finding, never an error.

    Texts are taken as they stand: the format is written by the product and loses nothing.
    """

    def __init__(
        self, data: Mapping[object, object], *, label: str, number: int, context: LoadContext
    ) -> None:
        self._data, self._context = data, context
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
            self.report("invalid-value", f"{field} is no text; it was left empty")
            return missing
        return text

    def value(self, field: str, read: Callable[[str], Value], missing: Value, code: str) -> Value:
        """Return what a field means; an unreadable one is missing, with a finding."""
        text = self.text(field)
        if not text:
            return missing
        try:
            return read(text)
        except InvalidQuantityError as error:
            self.report(code, f"{field}: {error}")
            return missing

    def moment(self, field: str, *, date_is_enough: bool = True) -> datetime | None:
        """Return the UTC time of a field, or None; an unreadable one is a finding."""
        return self._context.times.read(
            self.text(field),
            found=self._context.found,
            file=self.label,
            row=self.number,
            field=field,
            date_is_enough=date_is_enough,
        )

    def texts(self, field: str) -> tuple[str, ...]:
        """Return the entries of a field that holds a list; a single text is one entry."""
        value = self._value(field)
        entries = value if isinstance(value, list) else [] if value is None else [value]
        texts = [text_of(entry) for entry in entries]
        if None in texts:
            self.report("invalid-value", f"{field} holds more than texts; they were left out")
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

    def unknown_fields(self) -> list[str]:
        """Return the fields of a used record that nobody asked for, sorted."""
        if not self._is_used:
            return []
        return sorted(str(name) for name in self._data if name not in self._asked)

    def use(self) -> None:
        """Mark the record as used."""
        self._is_used = True
        self._context.ledger.use(self.label, self.number)
        if self.place != (self.label, self.number):
            rows = self._context.read_from.setdefault(self.place, [])
            rows.append((self.label, self.number))

    def refuse(self, code: str, text: str) -> None:
        """Collect a finding about the record, which is not used."""
        self.report(code, text)
        self._context.ledger.refuse(self.label, self.number)

    def report(self, code: str, text: str) -> None:
        """Collect a finding about the record."""
        self._context.found.add(code, text, file=self.label, row=self.number)

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
