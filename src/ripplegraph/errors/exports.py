"""What is wrong with an export, its cells, and the files that say how to read it."""

from __future__ import annotations

from ripplegraph.errors.root import RippleGraphError


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


class InvalidQuantityError(RippleGraphError):
    """A cell or an option does not hold the quantity that it should."""

    def __init__(self, text: str, wanted: str, advice: str) -> None:
        super().__init__(text, wanted, advice)
        self.text, self.wanted, self.advice = text, wanted, advice

    def __str__(self) -> str:
        return f"{self.text!r} is not {self.wanted}. {self.advice}"
