"""References: which CI a text in an export means."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence, Sequence
from functools import cached_property
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.ci_ids import CiIds
from ripplegraph.graph.columns import CodedColumn, TextColumn, numbers_of
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.numbered_texts import TextTable, table_of
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.wording import list_words

AMBIGUOUS = -1
"""Stands for a native id that several CIs have."""

UNKNOWN = -2
"""Stands for a text that no CI has as its id."""


class References:
    """The CI numbers by every text that may refer to one: a ``ci_id``, else a unique native id.

    Parameters
    ----------
    cis
        The CIs.
    native_ids
        Their native ids, numbered; where a table of texts numbers them, columns that the same
        table numbers need no look-up.
    """

    def __init__(self, cis: CiColumns, native_ids: CodedColumn[str]) -> None:
        self._cis, self._ci_ids = cis, CiIds.of(cis)
        self._table = table_of(native_ids)
        self._by_code = _by_code(native_ids)  # as far as full ids and later texts are known
        self._known = 0
        self._by_text: dict[str, int] = {}
        if self._table is None:
            self._by_text = dict(zip(native_ids.values, self._by_code.tolist(), strict=True))

    @cached_property
    def _by_ci_id(self) -> dict[str, int]:
        """The CIs by full ``ci_id``, which exports seldom write."""
        return {ci_id: number for number, ci_id in enumerate(self._ci_ids)}

    @cached_property
    def _prefixes(self) -> tuple[str, ...]:
        return tuple(self._ci_ids.prefixes.values)

    def find(self, text: str) -> int:
        """Return the number of the CI that a text means, ``AMBIGUOUS`` or ``UNKNOWN``."""
        number = self._find_ci_id(text)
        if number is not None:
            return number
        if self._table is None:
            return self._by_text.get(text, UNKNOWN)
        return int(self._in(self._table, [text])[0])

    def find_all(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the number for each text, as :meth:`find` does."""
        table = self._table
        if isinstance(texts, CodedColumn):
            return self.find_all(texts.values)[texts.codes]
        if table is not None:
            return self._numbers_by_code(table) if texts is table else self._in(table, texts)
        found = map(self._by_text.get, texts, repeat(UNKNOWN))
        numbers = np.fromiter(found, np.int64, len(texts))
        self._put_ci_ids(numbers, ((at, text) for at, text in enumerate(texts) if ":" in text))
        return numbers

    def add(self, texts: Sequence[str], first: int) -> None:
        """Let texts mean CIs from now on, numbered from ``first`` on."""
        if self._table is None:
            self._by_text.update(zip(texts, range(first, first + len(texts)), strict=True))
        else:
            codes = self._table.number(TextColumn.of(texts))
            self._numbers_by_code(self._table)[codes] = np.arange(first, first + len(texts))

    def stored(self, texts: MutableSequence[str]) -> MutableSequence[str]:
        """Return texts as they lie in the table of all ids, if there is one: no copy of it."""
        table = self._table
        return texts if table is None else table.take(table.number(TextColumn.of(texts)))

    def _in(self, table: TextTable, texts: Sequence[str]) -> NDArray[np.int64]:
        codes = table.number(texts if isinstance(texts, TextColumn) else TextColumn.of(texts))
        return self._numbers_by_code(table)[codes]

    def _numbers_by_code(self, table: TextTable) -> NDArray[np.int64]:
        """Return what each text of the table means; of those that came in since, find it out."""
        known, count = self._known, len(table)
        if known < count:
            more = np.full(count - len(self._by_code), UNKNOWN, dtype=np.int64)
            self._by_code = np.concatenate((self._by_code, more))
            texts = table.take(slice(known, count))
            self._put_ci_ids(self._by_code[known:], texts.holding(":"))
            self._known = count
        return self._by_code

    def _put_ci_ids(self, numbers: NDArray[np.int64], suspects: Iterable[tuple[int, str]]) -> None:
        """Put the CIs that are meant by their full ids."""
        for at, text in suspects:
            number = self._find_ci_id(text)
            if number is not None:
                numbers[at] = number

    def _find_ci_id(self, text: str) -> int | None:
        """Return the CI with this full ``ci_id``, if there is one."""
        return self._by_ci_id.get(text) if text.startswith(self._prefixes) else None

    def report_ambiguous(
        self, found: FindingCollector, text: str, said_by: str, *, file: str, row: int
    ) -> None:
        """Collect the finding that a text fits several CIs, and which.

        Parameters
        ----------
        said_by
            What names the CI so: the subject of the message.
        """
        fitting = [
            repr(self._ci_ids[number]) for number in numbers_of(self._ci_ids.native_ids, text)
        ]
        message = f"{said_by} names {text!r}, which fits {list_words(fitting)}"
        found.add("ambiguous-id", message, file=file, row=row)


def _by_code(native_ids: CodedColumn[str]) -> NDArray[np.int64]:
    """Return the CI that each different text is the native id of."""
    numbers = np.full(len(native_ids.values), UNKNOWN, dtype=np.int64)
    numbers[native_ids.codes] = np.arange(len(native_ids))
    is_shared = np.bincount(native_ids.codes, minlength=len(numbers)) > 1
    numbers[is_shared] = AMBIGUOUS
    return numbers
