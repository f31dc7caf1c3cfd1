"""Compiled kernels on disk: a file for each form, which processes that start together may write.

numba numbers the files of a kernel and keeps an index of them: two processes that compile two
forms at the same moment both take number 1, and from then on the one form is taken for the other,
or code of an older source for that of today. So a file is named by what its form is compiled
for, and holds the time stamp of the source; there is no index.

Imported when a kernel is compiled first: it imports numba.
"""

# mypy: disable-error-code="explicit-any, no-untyped-call"
# numba carries no types that fit

from __future__ import annotations

from hashlib import sha256
from typing import Any

from numba import __version__
from numba.core.caching import IndexDataCacheFile


class KeptForms(IndexDataCacheFile):
    """What numba reads and writes in place of its index and numbered files.

    Parameters
    ----------
    plain
        numba's own for the same kernel.
    """

    def __init__(self, plain: Any) -> None:
        super().__init__(
            plain._cache_path, plain._index_name.removesuffix(".nbi"), plain._source_stamp
        )

    def flush(self) -> None:
        """Keep what is there: what is compiled anew replaces it form by form."""

    def save(self, key: object, data: object) -> None:
        """Write one form at once and whole."""
        self._save_data(self._name_of(key), (__version__, self._source_stamp, data))

    def load(self, key: object) -> Any:
        """Return one form, None if it is not kept or was compiled from another source."""
        try:
            version, stamp, data = self._load_data(self._name_of(key))
        except OSError:
            return None
        return data if (version, stamp) == (__version__, self._source_stamp) else None

    def _name_of(self, key: object) -> str:
        """Return the file of a form: its types, processor and code tell it from others."""
        form = sha256(repr(key).encode()).hexdigest()[:16]
        return self._data_name_pattern.replace("{number:d}", form)


def keep_by_form(dispatcher: Any) -> Any:
    """Let a dispatcher of numba that has a cache keep its forms in files of their own."""
    dispatcher._cache._cache_file = KeptForms(dispatcher._cache._cache_file)
    return dispatcher
