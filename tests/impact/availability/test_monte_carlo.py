"""Samples: every gate, the seed, the deadline; and the interval of what was counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.stats import beta

from impact.availability.test_exact import brute_force, chances, formulas
from ripplegraph.impact.availability import monte_carlo
from ripplegraph.impact.availability.binomial_interval import binomial_interval, share_below
from ripplegraph.impact.availability.formula import Formula, FormulaBuilder
from ripplegraph.impact.availability.monte_carlo import failures_in_samples


@settings(max_examples=20, deadline=None, derandomize=True)
@given(formulas(coherent=False), chances())
def test_every_gate_fails_about_as_often_as_it_should(
    made: tuple[Formula, list[int]], q: np.ndarray
) -> None:
    formula, roots = made
    failed, samples = failures_in_samples(formula, roots, q, samples=6_400, seed=7)
    for root, count in zip(roots, failed.tolist(), strict=True):
        expected = min(1.0, brute_force(formula, root, q))
        spread = (samples * expected * (1 - expected)) ** 0.5
        assert abs(count - samples * expected) <= 5 * spread + 2


def test_the_same_seed_gives_the_same_samples_and_another_one_others() -> None:
    builder = FormulaBuilder()
    root = builder.at_least(2, [builder.variable(number) for number in range(3)])
    formula, q = builder.build(), np.array([0.01, 0.2, 0.3])
    one, again, other = (
        failures_in_samples(formula, [root], q, samples=100, seed=seed) for seed in (3, 3, 4)
    )
    assert one[1] == 128  # whole words
    assert one[0] == again[0]
    assert one[0] != other[0]


def test_sampling_ends_with_those_drawn_when_the_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monte_carlo, "SAMPLES_AT_ONCE", 64)
    builder = FormulaBuilder()
    root, q = builder.variable(0), np.array([0.5])
    answers = iter([False, True])
    found = failures_in_samples(
        builder.build(), [root], q, samples=640, seed=1, is_over=lambda: next(answers)
    )
    assert found[1] == 128


def test_no_samples_are_refused() -> None:
    builder = FormulaBuilder()
    root = builder.variable(0)
    with pytest.raises(ValueError, match="need one sample or more, got 0"):
        failures_in_samples(builder.build(), [root], np.array([0.5]), samples=0, seed=1)


@pytest.mark.parametrize(
    ("hits", "samples"), [(0, 10), (3, 10), (10, 10), (100, 1_048_576), (1_048_575, 1_048_576)]
)
def test_intervals_are_the_beta_quantiles_of_scipy(hits: int, samples: int) -> None:
    missed = samples - hits
    expected = (
        beta.ppf(0.025, hits, missed + 1) if hits else 0.0,
        beta.ppf(0.975, hits + 1, missed) if missed else 1.0,
    )
    assert binomial_interval(hits, samples) == pytest.approx(expected, rel=1e-9)


def test_a_published_interval() -> None:
    # Clopper and Pearson (1934), as tabulated by Newcombe (1998): 81 of 263
    assert binomial_interval(81, 263) == pytest.approx((0.2527, 0.3676), abs=5e-5)


def test_nothing_lies_below_nought_and_everything_below_one() -> None:
    assert (share_below(0.0, 2, 3), share_below(1.0, 2, 3)) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "samples", "confidence"), [(2, 1, 0.9), (0, 0, 0.9), (0, 1, 1)])
def test_counts_that_cannot_be_are_refused(hits: int, samples: int, confidence: float) -> None:
    with pytest.raises(ValueError, match="need 0 <= hits <= samples and 0 < confidence < 1"):
        binomial_interval(hits, samples, confidence=confidence)
