"""What a store of graphs cannot do."""

from __future__ import annotations

from ripplegraph.errors.root import RippleGraphError


class StoreError(RippleGraphError):
    """A store of graphs cannot do what was asked."""


class StoreUnavailableError(StoreError):
    """A store cannot be opened, read or written."""

    def __init__(self, store: str, reason: str) -> None:
        super().__init__(store, reason)
        self.store, self.reason = store, reason

    def __str__(self) -> str:
        return f"{self.store}: {self.reason}. Check the path, its rights and the disk."


class StoreBusyError(StoreError):
    """Another process is writing to a store."""

    def __init__(self, store: str) -> None:
        super().__init__(store)
        self.store = store

    def __str__(self) -> str:
        return f"{self.store}: another process is writing to it. Wait until it is done."


class StoreServedError(StoreError):
    """Another process serves an embedded store."""

    def __init__(self, store: str, process: str) -> None:
        super().__init__(store, process)
        self.store, self.process = store, process

    def __str__(self) -> str:
        by = f"process {self.process}" if self.process else "another process"
        return (
            f"{self.store} is served by {by} already. "
            "Stop that one first; a store in Neo4j is served by several."
        )


class StoreCorruptError(StoreError):
    """The file of a store is damaged."""

    def __init__(self, store: str, reason: str) -> None:
        super().__init__(store, reason)
        self.store, self.reason = store, reason

    def __str__(self) -> str:
        return f"{self.store} is damaged: {self.reason}. Restore a backup, or import again."


class StoreSchemaError(StoreError):
    """A store was written by another version of ripplegraph."""

    def __init__(self, store: str, found: int, known: int) -> None:
        super().__init__(store, found, known)
        self.store, self.found, self.known = store, found, known

    def __str__(self) -> str:
        words = f"{self.store} has schema {self.found}, and this ripplegraph knows {self.known}"
        return f"{words}. Use the version of ripplegraph that wrote it, or a newer one."


class RevisionConflictError(StoreError):
    """Somebody else published a revision meanwhile."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(expected, found)
        self.expected, self.found = expected, found

    def __str__(self) -> str:
        words = f"the newest revision is {self.found}, not {self.expected}"
        return f"{words}. Look at what changed, then try again."


class JournalConflictError(StoreError):
    """Somebody else changed a document of the journal meanwhile."""

    def __init__(self, document: str, expected: int, found: int) -> None:
        super().__init__(document, expected, found)
        self.document, self.expected, self.found = document, expected, found

    def __str__(self) -> str:
        words = f"{self.document} is at version {self.found}, not {self.expected}"
        return f"{words}. Read it again, then try again."


class UnknownRevisionError(StoreError):
    """A store holds no such revision, or nothing yet at that time."""

    def __init__(self, store: str, wanted: str) -> None:
        super().__init__(store, wanted)
        self.store, self.wanted = store, wanted

    def __str__(self) -> str:
        advice = "`ripplegraph store revisions` lists what it holds."
        return f"{self.store} holds no {self.wanted}. {advice}"


class RemovalGuardError(StoreError):
    """An import would retire a larger share of the CIs than it may."""

    def __init__(self, removed: int, before: int, max_share: float) -> None:
        super().__init__(removed, before, max_share)
        self.removed, self.before, self.max_share = removed, before, max_share

    def __str__(self) -> str:
        words = f"the import lacks {self.removed:,} of {self.before:,} CIs"
        limit = f"more than the share of {self.max_share:g} that may go at once"
        return (
            f"{words}, {limit}; nothing was changed. "
            "If that is right, raise --max-removed; if the export is a part, say --missing keep."
        )
