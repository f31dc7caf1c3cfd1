"""Why a question or an event cannot be answered or taken as it stands."""

from __future__ import annotations

from ripplegraph.errors.root import RippleGraphError


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


class InvalidScenarioError(RippleGraphError):
    """A scenario contradicts itself; its reason names nothing, ``named`` is what it is about."""

    def __init__(self, reason: str, advice: str, named: tuple[str, ...] = ()) -> None:
        super().__init__(reason, advice, named)
        self.reason, self.advice, self.named = reason, advice, named

    def __str__(self) -> str:
        about = f": {', '.join(map(repr, self.named))}" if self.named else ""
        return f"{self.reason}{about}. {self.advice}"


def _either(choices: tuple[str, ...]) -> str:
    shown = [repr(choice) for choice in choices[:5]]
    more = f" (and {len(choices) - 5} more)" if len(choices) > 5 else ""
    return (" or ".join(shown)) + more
