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

from ripplegraph.errors.exports import (
    EventRuleFileError,
    ExportError,
    InvalidQuantityError,
    LimitExceededError,
    MappingFileError,
    RuleFileError,
    StrictFindingError,
    UnreadableFileError,
)
from ripplegraph.errors.questions import (
    AmbiguousCiError,
    InvalidEventError,
    InvalidScenarioError,
    OpenNumbersError,
    OutdatedCursorError,
    UnknownAgreementError,
    UnknownCiError,
    UnknownCustomerError,
    UnknownItemError,
    UnsignedEventError,
)
from ripplegraph.errors.requests import (
    EmptyUploadError,
    ForeignJobError,
    JobNotDoneError,
    NothingKeptError,
    PreconditionNeededError,
    RequestError,
    SlowUploadError,
    TooManyJobsError,
    UnknownJobError,
    UnknownMappingError,
)
from ripplegraph.errors.root import (
    MissingExtraError,
    RippleGraphError,
    SettingsError,
)
from ripplegraph.errors.stores import (
    JournalConflictError,
    RemovalGuardError,
    RevisionConflictError,
    StoreBusyError,
    StoreCorruptError,
    StoreError,
    StoreSchemaError,
    StoreServedError,
    StoreUnavailableError,
    UnknownRevisionError,
)

__all__ = [
    "AmbiguousCiError",
    "EmptyUploadError",
    "EventRuleFileError",
    "ExportError",
    "ForeignJobError",
    "InvalidEventError",
    "InvalidQuantityError",
    "InvalidScenarioError",
    "JobNotDoneError",
    "JournalConflictError",
    "LimitExceededError",
    "MappingFileError",
    "MissingExtraError",
    "NothingKeptError",
    "OpenNumbersError",
    "OutdatedCursorError",
    "PreconditionNeededError",
    "RemovalGuardError",
    "RequestError",
    "RevisionConflictError",
    "RippleGraphError",
    "RuleFileError",
    "SettingsError",
    "SlowUploadError",
    "StoreBusyError",
    "StoreCorruptError",
    "StoreError",
    "StoreSchemaError",
    "StoreServedError",
    "StoreUnavailableError",
    "StrictFindingError",
    "TooManyJobsError",
    "UnknownAgreementError",
    "UnknownCiError",
    "UnknownCustomerError",
    "UnknownItemError",
    "UnknownJobError",
    "UnknownMappingError",
    "UnknownRevisionError",
    "UnreadableFileError",
    "UnsignedEventError",
]
