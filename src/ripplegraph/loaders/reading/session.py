"""One reading: its limits, and what it has yielded so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.graph.findings import FindingCollector
from ripplegraph.graph.numbered_texts import TextTable
from ripplegraph.loaders.reading.limits import ReadLimits
from ripplegraph.loaders.reading.plan import ColumnPlan, DocumentPlan, as_they_are, no_wishes
from ripplegraph.loaders.reading.raw import Progress, RawDocument, RawTable

SPLIT_OR_RAISE = "Split the export, or raise the limit (RIPPLEGRAPH_LIMITS)."
"""What to do about an exceeded limit."""


class BrokenFileError(UnreadableFileError):
    """A file breaks off or is malformed before anything in it could be used."""


@dataclass(slots=True, kw_only=True)
class ReadingSession:
    """What the readers of one export share.

    ``has_big`` once compiled kernels read a file; ``ids`` number the columns that ``plan`` wishes
    so, of all files.
    """

    limits: ReadLimits
    progress: Progress | None = None
    plan: ColumnPlan = no_wishes
    document_plan: DocumentPlan = as_they_are
    found: FindingCollector = field(default_factory=FindingCollector)
    tables: list[RawTable] = field(default_factory=list)
    documents: list[RawDocument] = field(default_factory=list)
    memory_used: int = 0
    arrays_used: int = 0
    unpacked: int = 0
    unpacked_in_pieces: int = 0
    has_big: bool = False
    ids: TextTable | None = None

    def hold(self, file: str, memory: int) -> None:
        """Count ``memory`` bytes of cells; refuse what does not fit."""
        self.memory_used += memory
        self.check_room(file, 0)

    def check_room(self, file: str, memory: int) -> None:
        """Refuse what needs at least ``memory`` bytes more than there is room for."""
        if self.memory_used + memory > self.limits.memory_bytes:
            limit = f"the export needs more than {self.limits.memory_bytes:,} bytes of memory"
            raise LimitExceededError(file, f"{limit} (memory_bytes)", SPLIT_OR_RAISE)

    def hold_arrays(self, file: str, memory: int) -> None:
        """Count ``memory`` bytes of cells that are held in arrays; refuse what does not fit."""
        self.arrays_used += memory
        if self.arrays_used > self.limits.array_bytes:
            limit = f"the export needs more than {self.limits.array_bytes:,} bytes of arrays"
            raise LimitExceededError(file, f"{limit} (array_bytes)", SPLIT_OR_RAISE)

    def unpack(self, file: str, count: int) -> None:
        """Count ``count`` bytes that came out of an archive; refuse a bomb."""
        self.unpacked += count
        if self.unpacked > self.limits.unpacked_bytes:
            limit = f"it unpacks to more than {self.limits.unpacked_bytes:,} bytes"
            raise LimitExceededError(file, f"{limit} (unpacked_bytes)", SPLIT_OR_RAISE)

    def unpack_in_pieces(self, file: str, size: int) -> None:
        """Count a member that is read as it is unpacked; all such may be as long as one file."""
        self.unpacked_in_pieces += size
        most = self.limits.file_bytes
        if self.unpacked_in_pieces > most:
            limit = f"members that are read in pieces unpack to more than {most:,} bytes"
            raise LimitExceededError(file, f"{limit} (file_bytes)", SPLIT_OR_RAISE)

    def show(self, file: str, done: int, total: int) -> None:
        """Tell how far a file has been read."""
        if self.progress is not None:
            self.progress(file, done, total)

    @contextmanager
    def giving_back(self) -> Iterator[None]:
        """Forget the memory, tables and documents of a file that is refused half-way."""
        memory, arrays = self.memory_used, self.arrays_used
        tables, documents = len(self.tables), len(self.documents)
        try:
            yield
        except Exception:
            self.memory_used, self.arrays_used = memory, arrays
            del self.tables[tables:], self.documents[documents:]
            raise
