"""A workbook of verdicts on SLAs, for people who work in spreadsheets.

Verdicts, contributions, inputs, proposals, and what a spreadsheet would have said, as formulas,
beside the exact answer. Texts are stored as texts, so that no cell of an export can start a
formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from ripplegraph.errors import LimitExceededError
from ripplegraph.impact.agreements.values import SlaAnswer, SlaVerdict, Unavailability

Page = Any
Cell = Any
"""What openpyxl writes row by row; it has no types for them."""

Value = str | float | int | datetime | Decimal | None

_LONGEST_SHEET = 1_048_576
_LONGEST_CELL = 32_767
_NOT_IN_XLSX = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "\ufffd"
)
_PERCENT, _MINUTES, _MOMENT = "0.000000000%", "#,##0.000000", "yyyy-mm-dd hh:mm"


@dataclass(frozen=True, slots=True)
class _Formula:
    """A formula that we wrote; the only cells that are one."""

    text: str


@dataclass(frozen=True, slots=True)
class _Column:
    """A heading, how wide it is, and how its numbers are shown."""

    heading: str
    width: int = 14
    form: str = "General"


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    columns: Sequence[_Column]
    rows: Sequence[Sequence[Value | _Formula]]


def write_sla_workbook(answer: SlaAnswer, path: Path) -> None:
    """Write verdicts as a workbook.

    Raises
    ------
    LimitExceededError
        If a sheet would be longer than a sheet may be.
    OSError
        If the file cannot be written.
    """
    sheets = list(_sheets(answer))
    for sheet in sheets:
        if len(sheet.rows) >= _LONGEST_SHEET:
            limit = f"the sheet {sheet.name} would have {len(sheet.rows) + 1:,} rows"
            raise LimitExceededError(str(path), limit, "Name one service, or use --csv or --json")
    with path.open("wb") as stream:  # before the book: one given up halfway complains later
        book = Workbook(write_only=True)
        for sheet in sheets:
            _write(book, sheet)
        book.save(stream)


def _sheets(answer: SlaAnswer) -> Iterator[_Sheet]:
    yield _Sheet("Verdicts", _VERDICT_COLUMNS, [_verdict_row(one) for one in answer.slas])
    yield _Sheet("Contributions", _CONTRIBUTION_COLUMNS, [*_contribution_rows(answer)])
    yield _Sheet("Inputs", _INPUT_COLUMNS, [*_input_rows(answer)])
    yield _Sheet("Proposals", _PROPOSAL_COLUMNS, [*_proposal_rows(answer)])
    yield _Sheet("Spreadsheet beside exact", _NAIVE_COLUMNS, [*_naive_rows(answer)])
    yield _Sheet("About", (_Column("what", 18), _Column("says", 120)), [*_about_rows(answer)])


_VERDICT_COLUMNS = (
    _Column("verdict"), _Column("agreement", 24), _Column("customer", 20), _Column("service", 28),
    _Column("target", 14, _PERCENT), _Column("window", 12),
    _Column("window start (UTC)", 18, _MOMENT), _Column("window end (UTC)", 18, _MOMENT),
    _Column("agreed minutes", 16, _MINUTES), _Column("budget minutes", 16, _MINUTES),
    _Column("expected minutes, least", 16, _MINUTES),
    _Column("expected minutes, most", 16, _MINUTES),
    _Column("expected availability, least", 18, _PERCENT),
    _Column("expected availability, most", 18, _PERCENT),
    _Column("how far to be trusted", 14), _Column("chance that one window is kept", 14, _PERCENT),
    _Column("verdict, agreements at worst", 14),
    _Column("at worst, least", 18, _PERCENT), _Column("at worst, most", 18, _PERCENT),
    _Column("at worst, promises in all hours", 18, _PERCENT),
    _Column("at best, most", 18, _PERCENT),
    _Column("spreadsheet: product", 18, _PERCENT), _Column("spreadsheet: tree", 18, _PERCENT),
    _Column("inputs known", 12, "0%"), _Column("of the downtime on agreements", 14, "0.0%"),
)  # fmt: skip


def _verdict_row(one: SlaVerdict) -> Sequence[Value]:
    minutes = one.agreed_minutes
    return (
        one.verdict.value, _agreement(one), one.agreement.customer, one.name or one.native_id,
        one.target, str(one.agreement.window), one.window_start, one.window_end, minutes,
        one.budget_minutes, one.independent.lower * minutes, one.independent.upper * minutes,
        *_available(one.independent), one.label.value, one.p_window_met,
        one.verdict_contractual_worst.value, *_available(one.contractual_worst),
        _available(one.contractual_worst_covered)[0], _available(one.contractual_best)[1],
        one.naive_product, one.naive_tree, one.coverage, one.promised_share,
    )  # fmt: skip


_CONTRIBUTION_COLUMNS = (
    _Column("agreement", 24), _Column("service", 28), _Column("kind"), _Column("id", 24),
    _Column("name", 28), _Column("minutes", 16, _MINUTES), _Column("share", 12, "0.000000%"),
    _Column("minutes saved if perfect", 16, _MINUTES), _Column("answers for the CI", 24),
)  # fmt: skip


def _contribution_rows(answer: SlaAnswer) -> Iterator[Sequence[Value]]:
    for one in answer.slas:
        for share in one.contributions:
            yield (
                _agreement(one), one.name or one.native_id, share.kind,
                share.id or "(none)", share.name, share.minutes,
                None if share.percent is None else share.percent / 100,
                share.gain_if_perfect_minutes, share.agreement,
            )  # fmt: skip


_INPUT_COLUMNS = (
    _Column("agreement", 24), _Column("service", 28), _Column("id", 24), _Column("CI", 28),
    _Column("availability", 18, _PERCENT), _Column("unavailability", 16, "0.000000E+00"),
    _Column("known from", 16), _Column("which", 40),
)  # fmt: skip


def _input_rows(answer: SlaAnswer) -> Iterator[Sequence[Value]]:
    for one in answer.slas:
        for own in one.inputs:
            value = own.unavailability
            yield (
                _agreement(one), one.name or one.native_id, own.native_id, own.name,
                None if value is None else 1.0 - value, value, own.basis.value, own.detail,
            )  # fmt: skip


_PROPOSAL_COLUMNS = (
    _Column("agreement", 24), _Column("service", 28), _Column("what", 18), _Column("rule", 14),
    _Column("kind", 8), _Column("id", 24), _Column("name", 28), _Column("today", 16, _PERCENT),
    _Column("then", 16, _PERCENT), _Column("service then", 18, _PERCENT), _Column("verdict then"),
    _Column("minutes saved", 16, _MINUTES),
)  # fmt: skip


def _proposal_rows(answer: SlaAnswer) -> Iterator[Sequence[Value]]:
    for one in answer.slas:
        for proposal in one.proposals:
            for change in proposal.changes:
                yield (
                    _agreement(one), one.name or one.native_id, proposal.kind.value,
                    proposal.rule, change.kind, change.id, change.name, change.target_today,
                    change.target_then, 1.0 - proposal.independent.upper, proposal.verdict.value,
                    proposal.saved_minutes,
                )  # fmt: skip


_NAIVE_COLUMNS = (
    _Column("agreement", 24), _Column("service", 28), _Column("CI", 34),
    _Column("availability", 18, _PERCENT), _Column("minutes a window", 18, _MINUTES),
)  # fmt: skip


def _naive_rows(answer: SlaAnswer) -> Iterator[Sequence[Value | _Formula]]:
    """Yield the CIs of each SLA, their product as a formula, and the exact answer."""
    line = 2
    for one in answer.slas:
        names, minutes = (_agreement(one), one.name or one.native_id), one.agreed_minutes
        first = line
        for own in one.inputs:
            value = own.unavailability
            down = None if value is None else value * minutes
            yield (*names, own.name, None if value is None else 1.0 - value, down)
            line += 1
        if line > first:
            product = _Formula(f"=PRODUCT(D{first}:D{line - 1})")
            lost = _Formula(f"=(1-D{line})*{minutes!r}")
            yield (*names, "= product of the above: redundancy ignored", product, lost)
            line += 1
        for title, value in (
            ("= along the tree: shared CIs counted again", one.naive_tree),
            ("exact, at least", 1.0 - one.independent.upper),
            ("exact, at most", 1.0 - one.independent.lower),
            ("target", float(one.target)),
        ):
            if value is not None:
                yield (*names, title, value, (1.0 - value) * minutes)
                line += 1
        yield ()
        line += 1


def _about_rows(answer: SlaAnswer) -> Iterator[Sequence[Value]]:
    yield ("moment", answer.at.isoformat())
    for text in answer.assumptions:
        yield ("rests on", text)
    for text in answer.not_judged:
        yield ("not judged", text)
    for one in answer.findings:
        yield (one.code, one.message)


def _agreement(one: SlaVerdict) -> str:
    return one.agreement.name or one.agreement.agreement_id


def _available(one: Unavailability) -> tuple[float, float]:
    return 1.0 - one.upper, 1.0 - one.lower


# --- cells -----------------------------------------------------------------------------------


def _write(book: Workbook, sheet: _Sheet) -> None:
    page: Page = book.create_sheet(sheet.name)
    page.freeze_panes = "A2"
    for position, column in enumerate(sheet.columns):
        page.column_dimensions[chr(ord("A") + position)].width = column.width
    page.append([_heading(page, column.heading) for column in sheet.columns])
    for row in sheet.rows:
        pairs = zip(row, sheet.columns, strict=False)
        page.append([_cell(page, value, column.form) for value, column in pairs])


def _heading(page: Page, text: str) -> Cell:
    cell = WriteOnlyCell(page, value=text)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(page: Page, value: Value | _Formula, form: str) -> Cell:
    if isinstance(value, _Formula):
        cell = WriteOnlyCell(page, value=value.text)
    elif isinstance(value, str):
        cell = WriteOnlyCell(page, value=value[:_LONGEST_CELL].translate(_NOT_IN_XLSX))
        cell.data_type = "s"  # what an export holds is a text, whatever it starts with
        return cell
    elif isinstance(value, datetime):
        cell = WriteOnlyCell(page, value=value.replace(tzinfo=None))
    else:
        cell = WriteOnlyCell(page, value=None if value is None else float(value))
    cell.number_format = form
    return cell
