"""How availabilities are shown: enough nines, never better than they are."""

from __future__ import annotations

import pytest

from ripplegraph.visualize.availability_words import (
    amount_words,
    availability_words,
    downtime_words,
    interval_words,
    ratio_words,
    share_words,
)


@pytest.mark.parametrize(
    ("unavailability", "words"),
    [
        (0.0, "100%"),
        (1e-13, "99.9999999999900%"),
        (1.2345e-5, "99.99876%"),
        (0.00099999999, "99.9000%"),
        (0.0009999, "99.9000%"),
        (0.0010001, "99.899%"),
        (0.020000000000000004, "98.000%"),
        (0.5, "50.000%"),
        (1.0, "0.000%"),
        (1e-300, "99.999999999999999999%"),
    ],
)
def test_availability_is_rounded_down_with_enough_nines(unavailability: float, words: str) -> None:
    assert availability_words(unavailability) == words


@pytest.mark.parametrize(
    ("lower", "upper", "words"),
    [
        (1e-5, 1.001e-5, "99.9989990% .. 99.9990000%"),
        (0.0, 1.0, "0.000% .. 100.000%"),
        (0.01, 0.02, "98.000% .. 99.000%"),
        (0.25, 0.25, "75.000%"),
    ],
)
def test_interval_shows_the_worse_end_first_and_tells_both_apart(
    lower: float, upper: float, words: str
) -> None:
    assert interval_words(lower, upper) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (None, "-"),
        (0.0, "0 min"),
        (0.00123456, "0.07408 s"),
        (12.3456, "12.35 min"),
        (119.999, "120.0 min"),
        (5256.0, "87.60 h"),
        (525_600.0, "8,760 h"),
    ],
)
def test_downtime_is_rounded_up_in_the_unit_that_reads_best(
    minutes: float | None, words: str
) -> None:
    assert downtime_words(minutes) == words


def test_amounts_ratios_and_shares_have_a_dash_for_nothing() -> None:
    assert [amount_words(None), ratio_words(None), share_words(None)] == ["-", "-", "-"]
    assert [amount_words(0.0), amount_words(1e-9), amount_words(123_456.7)] == [
        "0",
        "1.000e-09",
        "123,457",
    ]
    assert [ratio_words(1.23456), share_words(0.5)] == ["1.235", "50.0%"]
