"""Arguments and options that several commands share."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

import typer

from ripplegraph.cli.completion import complete_ci
from ripplegraph.cli.output import Form
from ripplegraph.cli.refusals import refuse_usage


class FailStatus(StrEnum):
    """From which status on an answer is bad news."""

    AT_RISK = "at_risk"
    DEGRADED = "degraded"
    DOWN = "down"


class FailSeverity(StrEnum):
    """From which severity on findings are bad news."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_CI_HELP = "ci_id, or a native id or name that is unique"

Source = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="One export: a folder, a zip or a file; - reads stdin. Or a store."
    ),
]
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE",
        help="One export: a folder, a zip or its files; - reads stdin. Or a store.",
    ),
]
Service = Annotated[
    str,
    typer.Argument(
        metavar="SERVICE", help=f"The service: {_CI_HELP}.", autocompletion=complete_ci
    ),
]
Cis = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CI", help=f"CIs that are down: {_CI_HELP}.", autocompletion=complete_ci
    ),
]
FailOnStatus = Annotated[
    FailStatus | None,
    typer.Option("--fail-on", help="Exit 1 if the answer holds this status or a worse one."),
]
FailOnSeverity = Annotated[
    FailSeverity | None,
    typer.Option("--fail-on", help="Exit 1 if there is a finding of this severity or worse."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """How the export is read."""

    also: Annotated[
        list[str],
        typer.Option("--also", metavar="FILE", help="A further file of the export; repeatable."),
    ] = field(default_factory=list)
    outage_rules: Annotated[
        str | None,
        typer.Option(
            "--outage-rules",
            metavar="FILE",
            help="Rule file: which tickets of incident logs are outages of which CI.",
        ),
    ] = None
    mapping: Annotated[
        str | None,
        typer.Option("--mapping", metavar="NAME|FILE", help="Shipped mapping or mapping file."),
    ] = None
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="IANA zone of times without a zone."),
    ] = None
    day_first: Annotated[
        bool | None,
        typer.Option("--day-first/--month-first", help="How to read dates such as 03/04/2026."),
    ] = None
    source_name: Annotated[
        str | None,
        typer.Option("--source-name", metavar="NAME", help="Name of the source in every ci_id."),
    ] = None
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first finding of severity error.")
    ] = False
    revision: Annotated[
        str | None,
        typer.Option(
            "--revision",
            metavar="NUMBER|TIME",
            help="Which revision of a store (the newest if not given).",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorship:
    """Who changes a store, and why."""

    author: Annotated[
        str | None,
        typer.Option("--author", metavar="NAME", help="Who it is (the user if not given)."),
    ] = None
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, for those who read it later.")
    ] = ""


class MissingRecords(StrEnum):
    """What becomes of records that an import lacks."""

    RETIRE = "retire"
    KEEP = "keep"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Where an export is kept, and what it may change there."""

    into: Annotated[
        str | None,
        typer.Option("--into", metavar="STORE", help="Keep it as a revision of this store."),
    ] = None
    missing: Annotated[
        MissingRecords,
        typer.Option("--missing", help="What becomes of what the store has and the export lacks."),
    ] = MissingRecords.RETIRE
    max_removed: Annotated[
        float,
        typer.Option(
            "--max-removed",
            min=0.0,
            max=1.0,
            help="Refuse to retire more than this share of the CIs.",
        ),
    ] = 0.2
    expected_revision: Annotated[
        int | None,
        typer.Option(
            "--expected-revision", min=0, help="Refuse unless this is the newest; 0: none yet."
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The moment asked about."""

    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="TIME", help="Moment asked about, ISO 8601 (now if not given)."
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outages:
    """What else is out."""

    maintenance: Annotated[
        list[str],
        typer.Option(
            "--maintenance",
            metavar="CI",
            help="A CI in maintenance (planned); repeatable.",
            autocompletion=complete_ci,
        ),
    ] = field(default_factory=list)
    degraded: Annotated[
        list[str],
        typer.Option(
            "--degraded",
            metavar="CI",
            help="A CI that is degraded; repeatable.",
            autocompletion=complete_ci,
        ),
    ] = field(default_factory=list)
    with_open_outages: Annotated[
        bool,
        typer.Option(
            "--with-open-outages", help="Add the outages of the export that are open then."
        ),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DownOption:
    """CIs that are down, as an option."""

    down: Annotated[
        list[str],
        typer.Option(
            "--down",
            metavar="CI",
            help=f"A CI that is down: {_CI_HELP}; repeatable.",
            autocompletion=complete_ci,
        ),
    ] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How the answer is written."""

    as_json: Annotated[bool, typer.Option("--json", help="Write JSON for programs.")] = False
    as_csv: Annotated[bool, typer.Option("--csv", help="Write CSV for programs.")] = False

    @property
    def form(self) -> Form:
        """The form asked for; both at once is a usage error."""
        if self.as_json and self.as_csv:
            refuse_usage("say --json or --csv, not both")
        if self.as_json:
            return Form.JSON
        return Form.CSV if self.as_csv else Form.TABLE
