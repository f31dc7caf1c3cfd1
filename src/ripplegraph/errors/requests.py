"""Why a request to the API cannot be met."""

from __future__ import annotations

from ripplegraph.errors.root import RippleGraphError


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
