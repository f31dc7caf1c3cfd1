"""The burn-down of a downtime budget: what was left of it at every moment of the window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from ripplegraph.impact.timeline.values import LevelReport, OutageClass
from ripplegraph.impact.timeline.wording import seconds_words
from ripplegraph.visualize.charts.drawing import WIDTH, Chart, chart_of, line, path, text
from ripplegraph.visualize.charts.time_axis import TimeAxis
from ripplegraph.visualize.charts.value_axis import ValueAxis, duration_step
from ripplegraph.visualize.zoned_times import ZonedTimes

_LEFT, _RIGHT, _TOP, _BOTTOM = 92.0, WIDTH - 24.0, 14.0, 164.0


def burn_down_chart(
    report: LevelReport, now: datetime, times: ZonedTimes | None = None
) -> Chart | None:
    """Return the chart of a report as of ``now`` (UTC); None without a budget to use up.

    Dates and times of day are those of ``times``, without it those of UTC.
    """
    times = times or ZonedTimes()
    budget, left = report.budget_seconds, report.budget_left_seconds
    if not budget or left is None:
        return None
    last = min(report.window_end, now)
    across = TimeAxis(
        start=report.window_start,
        end=report.window_end,
        left=_LEFT,
        right=_RIGHT,
        zone=times.zone,
    )
    least = min(float(left), 0.0)
    margin = 0.06 * (float(budget) - least) if least else 0.0
    upright = ValueAxis(least=least - margin, most=float(budget), top=_TOP, bottom=_BOTTOM)
    points = [
        (across.place(moment), upright.place(float(value)))
        for moment, value in _steps(report, last)
    ]
    look = "down" if left < 0 else "up"
    parts = [
        *across.drawn(_TOP, _BOTTOM),
        *upright.drawn(_LEFT, _RIGHT, step=duration_step(float(budget) - least), words=_duration),
        line((_LEFT, upright.place(0)), (_RIGHT, upright.place(0)), "ink"),
        line(
            (_LEFT, upright.place(float(budget))),
            (_RIGHT, upright.place(0)),
            "muted",
            is_dashed=True,
        ),
        path(points, look),
        *_now(across, last, report),
        *_breach(report, across, times),
    ]
    used = seconds_words(report.used_seconds)
    words = f"Budget {seconds_words(budget)}, used {used}, left {seconds_words(left)}"
    return chart_of(parts, height=_BOTTOM + 24, words=words)


def _duration(seconds: float) -> str:
    return seconds_words(round(seconds))


def _steps(report: LevelReport, last: datetime) -> Iterator[tuple[datetime, Fraction]]:
    """Yield what was left when an outage that counts began and ended, and at the end.

    Degraded time counts by its weight, but its seconds are known for the window only: what it
    used stands at the end.
    """
    left = report.budget_seconds or Fraction(0)
    yield report.window_start, left
    for one in report.outages:
        if one.outage_class is OutageClass.COUNTED:
            yield max(one.start, report.window_start), left
            left -= one.seconds
            yield min(one.end or last, last), left
    yield last, left
    yield last, report.budget_left_seconds or Fraction(0)


def _now(across: TimeAxis, last: datetime, report: LevelReport) -> Iterator[str]:
    if last < report.window_end:
        x = across.place(last)
        yield line((x, _TOP), (x, _BOTTOM), "ink", is_dashed=True)
        anchor = "end" if x > (_LEFT + _RIGHT) / 2 else "start"
        yield text(x + (-5 if anchor == "end" else 5), _TOP + 12, "now", look="ink", anchor=anchor)


def _breach(report: LevelReport, across: TimeAxis, times: ZonedTimes) -> Iterator[str]:
    moment = report.breached_at
    if moment is None:
        return
    x = across.place(moment)
    yield line((x, _TOP), (x, _BOTTOM), "down", is_dashed=True)
    anchor = "end" if x > (_LEFT + _RIGHT) / 2 else "start"
    words = f"overdrawn {times.words(moment, 'minutes')}"
    yield text(x + (-5 if anchor == "end" else 5), _TOP + 26, words, look="down", anchor=anchor)
