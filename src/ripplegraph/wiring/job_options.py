"""What jobs may use: budgets of each, and how many there are, as the environment sets them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from ripplegraph.errors import SettingsError
from ripplegraph.wiring.job_runner import Budgets

if TYPE_CHECKING:
    from ripplegraph.api.edges import JobLimits

_SETTING = "RIPPLEGRAPH_JOB_LIMITS"


def job_options() -> tuple[Budgets, JobLimits]:
    """Return the budgets of each job and the limits of all; an unknown name is a SettingsError."""
    from ripplegraph.api.edges import JobLimits
    from ripplegraph.settings import read_settings

    said = dict(read_settings().job_limits)
    of_each, of_all = asdict(Budgets()), asdict(JobLimits())
    for name in said:
        if name not in of_each | of_all:
            advice = f"Known are {', '.join(of_each | of_all)}"
            raise SettingsError(setting=_SETTING, reason=f"{name!r} is no limit", advice=advice)
    return (
        Budgets(**{name: said.get(name, number) for name, number in of_each.items()}),
        JobLimits(**{name: said.get(name, number) for name, number in of_all.items()}),
    )
