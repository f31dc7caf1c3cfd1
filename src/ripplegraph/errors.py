"""The error tree: every error that ripplegraph raises about data, files or the set-up.

RippleGraphError
├── ExportError                 an export cannot be used as it is
│   ├── UnreadableFileError     one file cannot be read at all
│   ├── LimitExceededError      a file is larger or deeper than the limits allow
│   └── StrictFindingError      ``--strict``: the first error finding ends the run
├── MappingFileError            a mapping file is wrong
├── RuleFileError               a file of outage rules is wrong
│   └── EventRuleFileError      a file of event rules is wrong
├── UnknownCiError              a question names a CI that the graph does not hold
├── AmbiguousCiError            a question names several CIs at once
├── OutdatedCursorError         a page is asked for with a cursor of another graph
├── UnknownAgreementError       a question names an agreement that the graph does not hold
├── UnknownCustomerError        a question names a customer that no SLA has
├── UnknownItemError            no live outage, unmatched event or webhook has this id
├── InvalidEventError           what is said of an outage, an event or a webhook cannot be
├── UnsignedEventError          a delivery of events does not carry the right signature
├── OpenNumbersError            a question needs numbers that the data does not give
├── InvalidQuantityError        a cell or option is not the quantity it should be
├── InvalidScenarioError        the scenario contradicts itself
├── SettingsError               an option or the environment is wrong
├── StoreError                  a store of graphs cannot do what was asked
│   ├── StoreUnavailableError   it cannot be opened, read or written
│   ├── StoreBusyError          another process is writing to it
│   ├── StoreServedError        another process serves it
│   ├── StoreCorruptError       its file is damaged
│   ├── StoreSchemaError        it was written by another version of ripplegraph
│   ├── RevisionConflictError   somebody else published a revision meanwhile
│   ├── JournalConflictError    somebody else changed a document of the journal meanwhile
│   ├── UnknownRevisionError    no such revision, or nothing yet at that time
│   └── RemovalGuardError       an import would retire more than it may
├── RequestError                a request to the API cannot be met as it stands
│   ├── UnknownJobError         no such job, or it is forgotten
│   ├── JobNotDoneError         a job has no result (yet)
│   ├── ForeignJobError         a job is another caller's
│   ├── TooManyJobsError        too many jobs wait already
│   ├── NothingKeptError        an export is served, so nothing can be imported
│   ├── PreconditionNeededError a write does not say on which revision it rests
│   ├── UnknownMappingError     an import asks for a mapping that does not ship
│   ├── EmptyUploadError        an import without a body
│   └── SlowUploadError         an upload took too long
└── MissingExtraError           a feature needs an extra that is not installed

A wrong argument of a function is a ``ValueError``; wrong data is one of these.
"""

from __future__ import annotations


class RippleGraphError(Exception):
    """Root of every error that ripplegraph raises on purpose."""


class ExportError(RippleGraphError):
    """An export cannot be used as it is."""


class UnreadableFileError(ExportError):
    """One file of an export cannot be read at all."""

    def __init__(self, file: str, reason: str, advice: str) -> None:
        super().__init__(file, reason, advice)
        self.file, self.reason, self.advice = file, reason, advice

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}. {self.advice}"


class LimitExceededError(ExportError):
    """A file is larger or deeper than the limits allow, so it is refused."""

    def __init__(self, file: str, limit: str, advice: str) -> None:
        super().__init__(file, limit, advice)
        self.file, self.limit, self.advice = file, limit, advice

    def __str__(self) -> str:
        return f"{self.file}: refused, {self.limit}. {self.advice}"


class StrictFindingError(ExportError):
    """The first finding of severity ``error`` under ``--strict``."""

    def __init__(self, code: str, message: str, file: str, row: int) -> None:
        super().__init__(code, message, file, row)
        self.code, self.message, self.file, self.row = code, message, file, row

    def __str__(self) -> str:
        place = f"{self.file}:{self.row}: " if self.file and self.row else ""
        return f"{place}{self.message} [{self.code}]. Mend it, or load without --strict."


class MappingFileError(RippleGraphError):
    """A mapping file is wrong: where, what, and what to do."""

    def __init__(self, file: str, reason: str, advice: str) -> None:
        super().__init__(file, reason, advice)
        self.file, self.reason, self.advice = file, reason, advice

    def __str__(self) -> str:
        return f"mapping {self.file}: {self.reason}. {self.advice}"


class RuleFileError(RippleGraphError):
    """A file of outage rules is wrong: where, what, and what to do."""

    def __init__(self, file: str, reason: str, advice: str) -> None:
        super().__init__(file, reason, advice)
        self.file, self.reason, self.advice = file, reason, advice

    def __str__(self) -> str:
        return f"outage rules {self.file}: {self.reason}. {self.advice}"


class EventRuleFileError(RuleFileError):
    """A file of event rules is wrong: where, what, and what to do."""

    def __str__(self) -> str:
        return f"event rules {self.file}: {self.reason}. {self.advice}"


class UnknownCiError(RippleGraphError):
    """A question names a CI that the graph does not hold."""

    def __init__(self, ci_id: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(ci_id, suggestions)
        self.ci_id, self.suggestions = ci_id, suggestions

    def __str__(self) -> str:
        if self.suggestions:
            return (
                f"CI {self.ci_id!r} is not in the graph. Did you mean {_either(self.suggestions)}?"
            )
        return f"CI {self.ci_id!r} is not in the graph. Search for a part of its name or id."


class AmbiguousCiError(RippleGraphError):
    """A question names several CIs at once; the full ``ci_id`` tells them apart."""

    def __init__(self, name: str, candidates: tuple[str, ...]) -> None:
        super().__init__(name, candidates)
        self.name, self.candidates = name, candidates

    def __str__(self) -> str:
        return f"{self.name!r} names {len(self.candidates)} CIs. Say {_either(self.candidates)}."


class OutdatedCursorError(RippleGraphError):
    """A page is asked for with a cursor that this graph did not give."""

    def __str__(self) -> str:
        return "The cursor belongs to another graph. Ask for the first page again."


class UnknownAgreementError(RippleGraphError):
    """A question names an agreement that the graph does not hold."""

    def __init__(self, agreement: str, known: tuple[str, ...] = ()) -> None:
        super().__init__(agreement, known)
        self.agreement, self.known = agreement, known

    def __str__(self) -> str:
        if self.known:
            return f"no agreement {self.agreement!r} is there. There are {_either(self.known)}."
        return f"no agreement {self.agreement!r} is there. Add it to the export."


class UnknownCustomerError(RippleGraphError):
    """A question names a customer that no SLA has."""

    def __init__(self, customer: str, customers: tuple[str, ...]) -> None:
        super().__init__(customer, customers)
        self.customer, self.customers = customer, customers

    def __str__(self) -> str:
        known = ", ".join(map(repr, self.customers))
        advice = f"Customers: {known}." if known else "No SLA names a customer."
        return f"No SLA in the reports is for the customer {self.customer!r}. {advice}"


class UnknownItemError(RippleGraphError):
    """No live outage, unmatched event or webhook has this id."""

    def __init__(self, kind: str, listed_at: str) -> None:
        super().__init__(kind, listed_at)
        self.kind, self.listed_at = kind, listed_at

    def __str__(self) -> str:
        return f"There is no such {self.kind}. GET {self.listed_at} lists those that are."


class InvalidEventError(RippleGraphError):
    """What is said of an outage, an event or a webhook cannot be."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason, self.advice = reason, advice

    def __str__(self) -> str:
        return f"{self.reason}. {self.advice}."


class UnsignedEventError(RippleGraphError):
    """A delivery of events does not carry the right signature."""

    def __init__(self, header: str) -> None:
        super().__init__(header)
        self.header = header

    def __str__(self) -> str:
        return f"{self.header} is missing or wrong. Set the same secret here and at the sender."


class OpenNumbersError(RippleGraphError):
    """A question about a service needs numbers that the data does not give."""

    def __init__(self, service: str, missing: tuple[str, ...]) -> None:
        super().__init__(service, missing)
        self.service, self.missing = service, missing

    def __str__(self) -> str:
        if not self.missing:
            return f"{self.service!r} is too large to be computed exactly. Raise the budget."
        return (
            f"the availability of {len(self.missing)} CIs beneath {self.service!r} is unknown, "
            f"such as {self.missing[0]!r}. Say it with --set or --class-default."
        )


class InvalidQuantityError(RippleGraphError):
    """A cell or an option does not hold the quantity that it should."""

    def __init__(self, text: str, wanted: str, advice: str) -> None:
        super().__init__(text, wanted, advice)
        self.text, self.wanted, self.advice = text, wanted, advice

    def __str__(self) -> str:
        return f"{self.text!r} is not {self.wanted}. {self.advice}"


class InvalidScenarioError(RippleGraphError):
    """A scenario contradicts itself."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason, self.advice = reason, advice

    def __str__(self) -> str:
        return f"{self.reason}. {self.advice}"


class SettingsError(RippleGraphError):
    """An option or an environment variable is wrong."""

    def __init__(self, setting: str, reason: str, advice: str) -> None:
        super().__init__(setting, reason, advice)
        self.setting, self.reason, self.advice = setting, reason, advice

    def __str__(self) -> str:
        return f"{self.setting}: {self.reason}. {self.advice}"


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


class RequestError(RippleGraphError):
    """A request to the API cannot be met as it stands; its words name nothing that was sent."""

    words = "The request cannot be met."

    def __str__(self) -> str:
        return self.words


class UnknownJobError(RequestError):
    """No such job, or it is forgotten."""

    words = "There is no such job. GET /v1/jobs lists them; the oldest are forgotten."


class JobNotDoneError(RequestError):
    """A job has no result, or none yet."""

    words = "This job has no result: it is not done. GET it to see where it stands."


class ForeignJobError(RequestError):
    """A job is another caller's."""

    words = "This job is another caller's. Only they, or who may write, can cancel it."


class TooManyJobsError(RequestError):
    """Too many jobs wait already, or the server stops."""

    words = "Too many jobs wait already. Try again later."


class NothingKeptError(RequestError):
    """An export is served, so that nothing can be imported."""

    words = "An export is served, which keeps no revisions. Serve a store to import into it."


class PreconditionNeededError(RequestError):
    """A write does not say on which revision it rests."""

    words = (
        'Say on which revision this rests: If-Match: "NUMBER" as the header Ripplegraph-Revision '
        'tells it, "0" if there is none yet, or * for any.'
    )


class UnknownMappingError(RequestError):
    """An import asks for a mapping that does not ship."""

    def __init__(self, known: tuple[str, ...]) -> None:
        super().__init__(known)
        self.known = known

    def __str__(self) -> str:
        return f"There is no such mapping. There are {', '.join(self.known)}."


class EmptyUploadError(RequestError):
    """An import without a body."""

    words = "Send the export as the body: a zip or one file."


class SlowUploadError(RequestError):
    """An upload took too long."""

    words = "The upload took too long. Send it over a faster line, or in smaller files."


class MissingExtraError(RippleGraphError):
    """A feature needs an extra that is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(feature, extra)
        self.feature, self.extra = feature, extra

    def __str__(self) -> str:
        return (
            f"{self.feature} needs an extra. Install it: pip install 'ripplegraph[{self.extra}]'."
        )


def _either(choices: tuple[str, ...]) -> str:
    shown = [repr(choice) for choice in choices[:5]]
    more = f" (and {len(choices) - 5} more)" if len(choices) > 5 else ""
    return (" or ".join(shown)) + more
