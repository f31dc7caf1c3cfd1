"""References: which CI a text in an export means."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from ripplegraph.graph.columns import CodedColumn
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.model import CiId
from ripplegraph.graph.records import CiColumns
from ripplegraph.graph.wording import list_words

AMBIGUOUS = -1
"""Stands for a native id that several CIs have."""

UNKNOWN = -2
"""Stands for a text that no CI has as its id."""


def ci_id_of(source: str, class_name: str, native_id: str) -> CiId:
    """Return ``source:class:native id``; source and class escaped.

    There a colon is written ``%3A`` and a percent sign ``%25``, so that no two CIs share an id.

    Examples
    --------
    >>> ci_id_of("snow", "cmdb_ci_server", "urn:42")
    'snow:cmdb_ci_server:urn:42'
    """
    return CiId(f"{_colon_free(source)}:{_colon_free(class_name)}:{native_id}")


def ci_ids_of(cis: CiColumns, first: int = 0) -> list[CiId]:
    """Return the ids of the CIs from this number on; each is as :func:`ci_id_of` says."""
    numbers = slice(first, None)
    kinds = list(zip(cis.source[numbers], cis.class_name[numbers], strict=True))
    prefixes = {kind: ci_id_of(*kind, "") for kind in set(kinds)}  # few, and long to write
    return [
        CiId(prefixes[kind] + native_id)
        for kind, native_id in zip(kinds, cis.native_id[numbers], strict=True)
    ]


def _colon_free(text: str) -> str:
    return text.replace("%", "%25").replace(":", "%3A") if "%" in text or ":" in text else text


def _may_be_ci_id(text: str) -> bool:
    return text.count(":") >= 2


class References:
    """The CI numbers by every text that may refer to one: a ``ci_id``, else a unique native id."""

    def __init__(self, cis: CiColumns, ci_ids: Sequence[CiId]) -> None:
        self._cis, self._ci_ids = cis, tuple(ci_ids)
        by_native_id = dict(zip(cis.native_id, range(len(cis)), strict=True))
        if len(by_native_id) < len(cis):
            for number, native_id in enumerate(cis.native_id):
                if by_native_id[native_id] != number:
                    by_native_id[native_id] = AMBIGUOUS
        self._by_native_id: dict[str, int] = by_native_id

    @cached_property
    def _by_ci_id(self) -> dict[str, int]:
        """The CIs by full ``ci_id``, which exports seldom write."""
        return dict(zip(self._ci_ids, range(len(self._ci_ids)), strict=True))

    def find(self, text: str) -> int:
        """Return the number of the CI that a text means, ``AMBIGUOUS`` or ``UNKNOWN``."""
        number = self._by_ci_id.get(text) if _may_be_ci_id(text) else None
        return self._by_native_id.get(text, UNKNOWN) if number is None else number

    def find_all(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the number for each text, as :meth:`find` does."""
        if isinstance(texts, CodedColumn):
            return self.find_all(texts.values)[texts.codes]
        found = map(self._by_native_id.get, texts, repeat(UNKNOWN))
        numbers = np.fromiter(found, np.int64, len(texts))
        for at, text in enumerate(texts):
            if ":" in text:
                numbers[at] = self.find(text)
        return numbers

    def add(self, text: str, number: int) -> None:
        """Let a text mean this CI from now on."""
        self._by_native_id[text] = number

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
            repr(ci_id)
            for ci_id, native_id in zip(self._ci_ids, self._cis.native_id, strict=False)
            if native_id == text
        ]
        message = f"{said_by} names {text!r}, which fits {list_words(fitting)}"
        found.add("ambiguous-id", message, file=file, row=row)
