"""Places of records that stand in other rows than those that were read just now."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

Place = tuple[str, int]

_ROWS = 1 << 32


class CarriedPlaces:
    """For records of earlier exports, in which rows of the files just read they stand.

    A native file has a place for each of its records: numbers keep a million of them small.

    Examples
    --------
    >>> carried = CarriedPlaces()
    >>> carried.add(("cis.csv", 7), [("saved.json#cis", 1)])
    >>> list(carried.in_files([("cis.csv", 7), ("cis.csv", 8)]))
    [('saved.json#cis', 1), ('cis.csv', 8)]
    """

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._records, self._rows = array("q"), array("q")

    def add(self, place: Place, rows: Iterable[Place]) -> None:
        """Keep that the record of a place stands in some rows of the files just read."""
        for row in rows:
            self._records.append(self._number(place))
            self._rows.append(self._number(row))

    def in_files(self, places: Iterable[Place]) -> Iterator[Place]:
        """Yield the rows of the files just read in which the records of these places stand."""
        wanted = list(places)
        if not self._records:
            yield from wanted
            return
        rows = self._rows_of([self._number(place) for place in wanted])
        files = list(self._files)
        for place in wanted:
            found = rows.get(self._number(place))
            if found is None:
                yield place
            else:
                yield from ((files[row // _ROWS], row % _ROWS) for row in found)

    def _rows_of(self, records: list[int]) -> dict[int, list[int]]:
        rows: defaultdict[int, list[int]] = defaultdict(list)
        if not records:
            return rows
        known = np.frombuffer(self._records, dtype=np.int64)
        for at in np.flatnonzero(np.isin(known, records)).tolist():
            rows[self._records[at]].append(self._rows[at])
        return rows

    def _number(self, place: Place) -> int:
        file, row = place
        return self._files.setdefault(file, len(self._files)) * _ROWS + row
