"""What ``at``, ``forecast`` and ``breaches`` answer: the state now, and where SLAs go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Annotated, Literal

from pydantic import Field

from ripplegraph.api.schemas.base import Out, StatusWord, time_text
from ripplegraph.api.schemas.measured import OutageCauseOut, StatusIntervalOut
from ripplegraph.impact.timeline.breaches import Breach, Severity
from ripplegraph.impact.timeline.outlook import BreachForecast, SlaOutlook
from ripplegraph.impact.timeline.state_at import Incident, StateAnswer
from ripplegraph.impact.timeline.sums import Party

SeverityWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in Severity]})]
PartyWord = Annotated[str, Field(json_schema_extra={"enum": [one.value for one in Party]})]


class BurnRateOut(Out):
    """How fast the budget went in the last hours; 1 uses it up just at the end."""

    hours: int
    rate: float | None


class BreachForecastOut(Out):
    """The chance that the SLA is missed at the end of the window."""

    probability: float | None
    lower: float | None
    upper: float | None
    basis: str = Field(description="measured, derived, or empty if no frequency is known.")
    failures: int
    mtbf_hours: float | None
    mtrs_hours: float | None
    method: str

    @classmethod
    def of(cls, one: BreachForecast) -> BreachForecastOut:
        """Shape one forecast."""
        return cls(
            probability=one.probability,
            lower=one.lower,
            upper=one.upper,
            basis=one.basis,
            failures=one.failures,
            mtbf_hours=one.mtbf_hours,
            mtrs_hours=one.mtrs_hours,
            method=one.method,
        )


class SlaOutlookOut(Out):
    """One SLA of one service at a moment."""

    service: str
    service_name: str
    agreement: str
    agreement_name: str
    customer: str
    time_zone: str = Field(description="IANA name of the zone of its window; empty: UTC.")
    window_start: str
    window_end: str
    status: StatusWord
    counts_now: float = Field(description="Share of each agreed second that uses the budget now.")
    since: str | None
    agreed_seconds: int
    used_seconds: float
    budget_seconds: int
    budget_left_seconds: int
    is_breached: bool
    breach_at: str | None = Field(
        description="When the budget is used up if the present status goes on; null if not within "
        "the window."
    )
    seconds_to_breach: int | None
    burn_rates: list[BurnRateOut]
    forecast: BreachForecastOut | None = Field(description="Null for rolling windows.")

    @classmethod
    def of(cls, one: SlaOutlook, now: datetime) -> SlaOutlookOut:
        """Shape one outlook."""
        return cls(
            service=one.service,
            service_name=one.service_name,
            agreement=one.agreement.agreement_id,
            agreement_name=one.agreement.name,
            customer=one.agreement.customer,
            time_zone=one.time_zone,
            window_start=str(time_text(one.window_start)),
            window_end=str(time_text(one.window_end)),
            status=one.status.word,
            counts_now=float(one.counts_now),
            since=time_text(one.since),
            agreed_seconds=one.agreed_seconds,
            used_seconds=float(one.used_seconds),
            budget_seconds=floor(one.budget_seconds),
            budget_left_seconds=floor(one.budget_left_seconds),
            is_breached=one.is_breached,
            breach_at=time_text(one.breach_at),
            seconds_to_breach=one.seconds_to_breach(now),
            burn_rates=[
                BurnRateOut(hours=rate.hours, rate=_float(rate.rate)) for rate in one.burn_rates
            ],
            forecast=None if one.forecast is None else BreachForecastOut.of(one.forecast),
        )


class ServiceStateOut(Out):
    """A service that is not up."""

    service: str
    service_name: str
    state: StatusIntervalOut


class IncidentOut(Out):
    """A CI with an outage of its own, and what it costs."""

    ci_id: str
    name: str
    status: StatusWord
    services_down: list[str]
    services_impaired: list[str] = Field(description="Not up with it alone, and not down.")
    slas: list[str] = Field(description="SLAs whose budget it uses now.")
    cost_per_minute: dict[str, str] = Field(description="By currency, decimal.")
    budget_share_per_minute: float
    breach_at: str | None
    owner_team: str
    supplier: str
    causes: list[OutageCauseOut]

    @classmethod
    def of(cls, one: Incident) -> IncidentOut:
        """Shape one incident."""
        return cls(
            ci_id=one.ci,
            name=one.name,
            status=one.status.word,
            services_down=list(one.services_down),
            services_impaired=list(one.services_impaired),
            slas=list(one.slas),
            cost_per_minute={key: str(value) for key, value in one.cost_per_minute.items()},
            budget_share_per_minute=one.budget_share_per_minute,
            breach_at=time_text(one.breach_at),
            owner_team=one.owner_team,
            supplier=one.supplier,
            causes=[OutageCauseOut.of(cause) for cause in one.causes],
        )


class StateOut(Out):
    """The state at a moment: what is not up, which SLAs it costs, what to fix first."""

    schema_: Literal["ripplegraph/at/1"] = Field(
        default="ripplegraph/at/1", serialization_alias="schema"
    )
    moment: str
    services: list[ServiceStateOut]
    slas: list[SlaOutlookOut]
    incidents: list[IncidentOut]

    @classmethod
    def of(cls, answer: StateAnswer) -> StateOut:
        """Shape one answer."""
        return cls(
            moment=str(time_text(answer.moment)),
            services=[
                ServiceStateOut(
                    service=one.service,
                    service_name=one.service_name,
                    state=StatusIntervalOut.of(one.interval),
                )
                for one in answer.services
            ],
            slas=[SlaOutlookOut.of(one, answer.moment) for one in answer.outlooks],
            incidents=[IncidentOut.of(one) for one in answer.incidents],
        )


class ForecastOut(Out):
    """Where SLAs go until the end of their windows, the most endangered first."""

    schema_: Literal["ripplegraph/forecast/1"] = Field(
        default="ripplegraph/forecast/1", serialization_alias="schema"
    )
    now: str
    slas: list[SlaOutlookOut]

    @classmethod
    def of(cls, found: Sequence[SlaOutlook], now: datetime) -> ForecastOut:
        """Shape one answer."""
        return cls(now=str(time_text(now)), slas=[SlaOutlookOut.of(one, now) for one in found])


class BreachOut(Out):
    """One missed SLA of one service in one window."""

    service: str
    service_name: str
    agreement: str
    agreement_name: str
    customer: str
    window_start: str
    window_end: str
    severity: SeverityWord
    down_seconds: int
    budget_seconds: int
    over_seconds: float
    breached_at: str | None
    outage_count: int
    party: PartyWord = Field(description="Who answers for most of it.")
    parties: dict[str, int] = Field(description="Seconds by who answers for them.")
    penalty: str
    penalty_amount: str | None
    penalty_currency: str

    @classmethod
    def of(cls, one: Breach) -> BreachOut:
        """Shape one breach."""
        report = one.report
        return cls(
            service=report.service,
            service_name=report.service_name,
            agreement=report.agreement.agreement_id,
            agreement_name=report.agreement.name,
            customer=report.agreement.customer,
            window_start=str(time_text(report.window_start)),
            window_end=str(time_text(report.window_end)),
            severity=one.severity.value,
            down_seconds=report.down_seconds,
            budget_seconds=floor(report.budget_seconds or 0),
            over_seconds=float(one.over_seconds),
            breached_at=time_text(one.breached_at),
            outage_count=report.outage_count,
            party=one.party.value,
            parties={party.value: seconds for party, seconds in one.parties},
            penalty=report.penalty,
            penalty_amount=None if report.penalty_amount is None else str(report.penalty_amount),
            penalty_currency=report.agreement.cost_currency,
        )


class BreachesOut(Out):
    """The SLAs that were missed, the gravest first."""

    schema_: Literal["ripplegraph/breaches/1"] = Field(
        default="ripplegraph/breaches/1", serialization_alias="schema"
    )
    now: str
    breaches: list[BreachOut]

    @classmethod
    def of(cls, found: Sequence[Breach], now: datetime) -> BreachesOut:
        """Shape one answer."""
        return cls(now=str(time_text(now)), breaches=[BreachOut.of(one) for one in found])


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
