"""Reports of one customer: what a review meeting with them is about."""

from __future__ import annotations

from dataclasses import replace

from ripplegraph.errors import UnknownCustomerError
from ripplegraph.impact.timeline.values import ReportAnswer


def customers_of(answer: ReportAnswer) -> tuple[str, ...]:
    """Return the customers that the reports name, sorted.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> customers_of(ReportAnswer(now=datetime(2026, 1, 1, tzinfo=UTC), reports=(), notes=()))
    ()
    """
    return tuple(
        sorted({one.agreement.customer for one in answer.reports if one.agreement.customer})
    )


def for_customer(answer: ReportAnswer, customer: str) -> ReportAnswer:
    """Return the reports whose SLA names a customer; notes on other SLAs are left out.

    Parameters
    ----------
    customer
        As the agreement writes it; capitals and spaces around it do not matter.

    Raises
    ------
    UnknownCustomerError
        If no report is for that customer.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from ripplegraph.errors import UnknownCustomerError
    >>> nothing = ReportAnswer(now=datetime(2026, 1, 1, tzinfo=UTC), reports=(), notes=())
    >>> try:
    ...     for_customer(nothing, "ACME")
    ... except UnknownCustomerError as error:
    ...     print(error)
    No SLA in the reports is for the customer 'ACME'. No SLA names a customer.
    """
    wanted = customer.strip().casefold()
    chosen = tuple(
        one for one in answer.reports if one.agreement.customer.strip().casefold() == wanted
    )
    if not chosen or not wanted:
        raise UnknownCustomerError(customer, customers_of(answer))
    return replace(answer, reports=chosen, notes=())
