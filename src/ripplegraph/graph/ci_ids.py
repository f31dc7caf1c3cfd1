"""The ids of CIs as a column: each is written when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ripplegraph.graph.column_pairs import combined
from ripplegraph.graph.columns import ArrayColumn, CodedColumn, Positions, coded, taken
from ripplegraph.graph.model import CiId
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.shared_values import distinct


def ci_id_of(source: str, class_name: str, native_id: str) -> CiId:
    """Return ``source:class:native id``; source and class escaped.

    There a colon is written ``%3A`` and a percent sign ``%25``, so that no two CIs share an id.

    Examples
    --------
    >>> ci_id_of("snow", "cmdb_ci_server", "urn:42")
    'snow:cmdb_ci_server:urn:42'
    """
    return CiId(f"{_colon_free(source)}:{_colon_free(class_name)}:{native_id}")


def _colon_free(text: str) -> str:
    return text.replace("%", "%25").replace(":", "%3A") if "%" in text or ":" in text else text


class CiIds(ArrayColumn[CiId]):
    """The ids of CIs, each as :func:`ci_id_of` says.

    Parameters
    ----------
    prefixes
        ``source:class:`` of each CI.
    native_ids
        Its native id.

    Examples
    --------
    >>> cis = CiColumns()
    >>> cis.append(source="csv", class_name="server", native_id="web-1")
    >>> CiIds.of(cis)[0]
    'csv:server:web-1'
    """

    __slots__ = ("_all", "native_ids", "prefixes")

    def __init__(self, prefixes: CodedColumn[str], native_ids: Sequence[str]) -> None:
        self.prefixes, self.native_ids = prefixes, native_ids
        self._all: tuple[CiId, ...] | None = None

    @classmethod
    def of(cls, cis: CiColumns) -> CiIds:
        """Return the ids of these CIs, as they are now."""
        kinds, codes = combined(coded(cis.source), coded(cis.class_name))
        prefixes = CodedColumn[str]([ci_id_of(*kind, "") for kind in kinds], codes)
        native_ids = cis.native_id
        own = native_ids if isinstance(native_ids, ArrayColumn) else tuple(native_ids)
        return cls(distinct(prefixes), own)

    def __len__(self) -> int:
        return len(self.prefixes)

    def _cell(self, number: int) -> CiId:
        return CiId(self.prefixes[number] + self.native_ids[number])

    def __iter__(self) -> Iterator[CiId]:
        return iter(self.all())

    def all(self) -> tuple[CiId, ...]:
        """Return all ids, written once."""
        if self._all is None:
            parts = zip(self.prefixes, self.native_ids, strict=True)
            self._all = tuple([CiId(prefix + native_id) for prefix, native_id in parts])
        return self._all

    def take(self, numbers: Positions) -> CiIds:
        """Return the ids at these positions, in this order."""
        at = numbers if isinstance(numbers, slice) else np.asarray(numbers, dtype=np.int64)
        return CiIds(self.prefixes.take(at), taken(self.native_ids, at))
