"""The tables on availability, from answers made by hand: labels, bounds, gaps and long lists."""

from __future__ import annotations

from dataclasses import replace

from ripplegraph.cli.availability_tables import (
    availability_parts,
    cut_sets_csv,
    cut_sets_parts,
    explain_parts,
)
from ripplegraph.cli.importance_tables import importance_parts
from ripplegraph.cli.output import plain_text
from ripplegraph.graph.model import CiId
from ripplegraph.impact.availability.importance_totals import group_totals_of
from ripplegraph.impact.availability.importance_values import (
    CiImportance,
    CiTotal,
    GroupImportance,
    ImportanceAnswer,
)
from ripplegraph.impact.availability.values import (
    AvailabilityAnswer,
    CutSet,
    CutSetsAnswer,
    ExplainAnswer,
    Label,
    Level,
    PathSet,
    ServiceAvailability,
)

EXACT = ServiceAvailability(
    ci_id=CiId("shop"),
    native_id="shop",
    name="Web Shop",
    availability=0.999,
    unavailability=0.001,
    label=Label.EXACT,
    lower=0.001,
    upper=0.001,
    method="binary decision diagram",
    downtime_minutes_per_year=525.6,
    naive_tree=0.9995,
    failures_per_year=2.5,
    mtbf_hours=3500.5,
    mean_down_time_hours=3.504,
)
BOUNDED = replace(
    EXACT,
    name="",
    label=Label.BOUNDED,
    lower=0.001,
    upper=0.0011,
    width_seconds_per_year=3153.6,
    failures_per_year=None,
    missing_frequency=(CiId("san"),),
)


def shown_name(ci_id: str) -> str:
    return ci_id.upper()


def test_bounded_service_shows_both_ends_of_number_and_downtime() -> None:
    text = plain_text(availability_parts(AvailabilityAnswer(services=(BOUNDED,)), shown_name))
    row = next(line for line in text.splitlines() if line.startswith("shop"))
    assert "99.890% .. 99.900%  bounded  8.760 h .. 9.636 h" in row
    assert "1 bounded. Bounds are 3,154 s a year apart at most." in text


def test_worst_service_stands_first_and_the_level_is_told() -> None:
    better = replace(EXACT, name="Other", unavailability=1e-6, lower=1e-6, upper=1e-6)
    answer = AvailabilityAnswer(services=(better, EXACT), level=Level.DEGRADED)
    lines = plain_text(availability_parts(answer, shown_name)).splitlines()
    assert lines[0] == "2 services: 2 exact. Counted as failed: degraded or worse."
    assert [line.split()[0] for line in lines[3:5]] == ["Web", "Other"]


def test_missing_cis_stand_by_how_many_services_wait_and_a_long_list_is_cut() -> None:
    many = tuple(CiId(f"ci-{n}") for n in range(9))
    rows = (
        replace(EXACT, label=Label.INCOMPLETE, missing=many),
        replace(EXACT, label=Label.INCOMPLETE, missing=many[8:]),
    )
    text = plain_text(availability_parts(AvailabilityAnswer(services=rows), shown_name))
    assert "- availability of CI-8 (2 services)\n- availability of CI-0 (1 service)" in text
    assert "- and of 3 more; --json lists them all" in text


def test_no_service_is_said_plainly() -> None:
    assert (
        plain_text(availability_parts(AvailabilityAnswer(services=()), shown_name))
        == "0 services: none.\n"
    )


CUTS = CutSetsAnswer(
    ci_id=CiId("shop"),
    native_id="shop",
    name="Web Shop",
    cut_sets=(
        CutSet(cis=("san",), order=1, probability=0.001, downtime_minutes_per_year=525.6),
        CutSet(cis=("a", "b"), order=2, probability=None, downtime_minutes_per_year=None),
    ),
    is_complete=True,
    count=2,
    single_points_of_failure=("san",),
    assumptions=("CIs fail independently.",),
)


def test_cut_sets_show_order_probability_and_names() -> None:
    lines = plain_text(cut_sets_parts(CUTS, shown_name)).splitlines()
    assert lines[:2] == ["Web Shop: 2 minimal cut sets.", "Single points of failure: SAN."]
    assert lines[5].split() == ["1", "0.001", "8.760", "h", "SAN"]
    assert lines[6].split() == ["2", "unknown", "-", "A", "+", "B"]
    assert lines[-1] == "- CIs fail independently."
    assert cut_sets_csv(CUTS).rows[1] == ("2", "", "", "a;b", "", "cut", "", "", "")


def test_a_path_set_of_very_many_cis_shows_the_first_and_counts_the_rest() -> None:
    path = PathSet(
        cis=tuple(map(CiId, ["san"] * 2_000)),
        order=2_000,
        probability=0.9,
        unavailability=0.1,
        uptime_minutes_per_year=473_040.0,
    )
    text = plain_text(
        cut_sets_parts(replace(CUTS, path_sets=(path,)), shown_name, with_paths=True)
    )
    assert text.count("SAN + ") == 40
    assert "SAN + 1,960 more\n" in text


def test_cut_sets_that_are_not_all_say_how_many_there_are() -> None:
    some = replace(CUTS, is_complete=False, count=12_345, single_points_of_failure=())
    head = plain_text(cut_sets_parts(some, shown_name))
    assert head.startswith(
        "Web Shop: 2 minimal cut sets listed of 12,345.\nNo single point of failure."
    )
    uncounted = replace(some, count=None, cut_sets=(), assumptions=())
    text = plain_text(cut_sets_parts(uncounted, shown_name))
    assert text.startswith("Web Shop: 0 minimal cut sets listed, there are more.")


ROW = CiImportance(
    service=CiId("shop"),
    ci_id="san",
    native_id="san",
    name="SAN 1",
    unavailability=None,
    birnbaum=1.0,
    criticality=0.5,
    fussell_vesely=None,
    dif=0.5,
    raw=1000.0,
    rrw=None,
    minutes=262.8,
    minutes_lower=262.8,
    minutes_upper=262.8,
)


def test_importance_of_an_estate_names_services_and_groups() -> None:
    group = GroupImportance(
        service=CiId("shop"),
        kind="team",
        key="Storage",
        ci_count=2,
        birnbaum=1.0,
        criticality=0.5,
        fussell_vesely=0.75,
        dif=0.75,
        raw=1000.0,
        rrw=2.0,
        minutes=262.8,
        minutes_lower=262.8,
        minutes_upper=262.8,
    )
    total = CiTotal(
        ci_id="san",
        native_id="san",
        name="SAN 1",
        unavailability=0.001,
        minutes=525.6,
        service_count=2,
        alone_count=1,
        worst_service=CiId("shop"),
        worst_minutes=262.8,
    )
    answer = ImportanceAnswer(
        service=None,
        rows=(ROW,) * 60,
        groups=(group,),
        row_count=70,
        totals=(total,),
        total_count=1,
        group_totals=group_totals_of((group, replace(group, service=CiId("till")))),
        labels={"shop": "exact"},
    )
    text = plain_text(importance_parts(answer, shown_name))
    assert "(50 of 70; --json has more)" in text
    assert "SAN 1  525.6           2         1            SHOP     262.8" in text
    assert "team Storage  525.6           2         SHOP     262.8" in text
    assert "SHOP     SAN 1  262.8           50.0%            unknown" in text
    assert "SHOP     team Storage  2    262.8           50.0%            0.75  1000  2" in text


def test_minutes_at_stake_in_a_bounded_service_stand_with_their_bounds() -> None:
    row = replace(ROW, label=Label.BOUNDED, minutes_lower=262.7, minutes_upper=262.9)
    answer = ImportanceAnswer(service=CiId("shop"), rows=(row,), row_count=1)
    assert "262.7 .. 262.9" in plain_text(importance_parts(answer, shown_name))
    close = replace(row, minutes_lower=262.8, minutes_upper=262.8)
    text = plain_text(importance_parts(replace(answer, rows=(close,)), shown_name))
    assert "SAN 1  262.8           50.0%" in text


def test_importance_without_rows_says_so() -> None:
    answer = ImportanceAnswer(service=CiId("shop"), rows=())
    assert plain_text(importance_parts(answer, shown_name)) == "SHOP: no number.\n"


def test_explanation_shows_failures_a_year_or_why_they_are_unknown() -> None:
    known = ExplainAnswer(
        service=EXACT,
        contributions=(),
        inputs=(),
        single_points_of_failure=("san",),
        spreadsheet=("The product over all CIs: 99.5%.",),
    )
    text = plain_text(explain_parts(known, shown_name))
    assert "Failures a year: 2.50; mean time between failures 3,500 h; mean down time" in text
    assert "Single points of failure: SAN." in text
    assert "What a spreadsheet would have said:\n- The product over all CIs: 99.5%." in text
    unknown = plain_text(explain_parts(replace(known, service=BOUNDED), shown_name))
    bounds = "bounded: surely between these, 3,154 s a year apart"
    assert f"shop: 99.890% .. 99.900% available ({bounds})." in unknown
    assert "Failures a year: unknown, as MTBF and MTTR of 1 CI beneath are missing." in unknown
    never = replace(EXACT, failures_per_year=0.0, mtbf_hours=None, mean_down_time_hours=None)
    assert "Failures a year: 0.\n" in plain_text(
        explain_parts(replace(known, service=never), shown_name)
    )
    silent = replace(BOUNDED, missing_frequency=(), failures_reason="it is beyond the budget")
    said = plain_text(explain_parts(replace(known, service=silent), shown_name))
    assert "Failures a year: not said, as it is beyond the budget." in said
    between = replace(silent, failures_per_year_lower=1.2345, failures_per_year_upper=2.3451)
    said = plain_text(explain_parts(replace(known, service=between), shown_name))
    assert "Failures a year: 1.23 .. 2.35, as the number is not exact." in said
