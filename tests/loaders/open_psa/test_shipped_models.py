"""Every file under SCRAM's input folder: compared with SCRAM, part of a model, or refused."""

from __future__ import annotations

import pytest

from benchmarks.availability.scram import SHIPPED_MODELS
from loaders.open_psa.scram import INPUT, needs_scram, probabilities, scram_report
from ripplegraph.errors import RippleGraphError
from ripplegraph.impact.availability import fault_tree_answers, fault_tree_cut_sets
from ripplegraph.loaders.open_psa import read_open_psa

COMPARED = (*SHIPPED_MODELS, ("Chinese/chinese.xml", "Chinese/mixed_mcs_prob.xml"))
REFUSED = {
    "EventTrees/attack.xml": "defines no gate",
    "EventTrees/attack_alignment.xml": "defines no gate",
    "EventTrees/bcd.xml": "defines no gate",
    "EventTrees/mef_example.xml": "defines no gate",
    "ThreeMotor/event_tree.xml": "defines no gate",
    "TwoTrain/config.xml": "config",
    "TwoTrain/event_tree.xml": "defines no gate",
    "TwoTrain/nondeclarative_substitutions.xml": "'ExchangeValves' is not supported",
    "TwoTrain/substitutions.xml": "'ExclusiveValves' is not supported",
}
OTHER_TREE = "TwoTrain/two_train_alignment.xml"
"""SCRAM answers for its phases, ours for the tree as it is defined, and says so."""


@needs_scram
@pytest.mark.parametrize("names", COMPARED, ids=lambda names: names[-1])
def test_a_model_has_the_probabilities_of_scram(names: tuple[str, ...]) -> None:
    files = [INPUT / name for name in names]
    theirs = probabilities(scram_report(files, "-l", "1"))
    answer = fault_tree_answers.availability(read_open_psa(files))
    assert {one.label.value for one in answer.services} == {"exact"}
    for one in answer.services:
        assert one.unavailability == pytest.approx(theirs[one.ci_id], rel=1e-5)


@needs_scram
@pytest.mark.parametrize(("name", "why"), REFUSED.items())
def test_what_is_no_fault_tree_is_refused_by_name(name: str, why: str) -> None:
    with pytest.raises(RippleGraphError, match=why):
        read_open_psa([INPUT / name])


@needs_scram
def test_no_file_that_scram_ships_is_passed_over() -> None:
    known = {name for names in COMPARED for name in names} | set(REFUSED) | {OTHER_TREE}
    assert known == {str(path.relative_to(INPUT)) for path in INPUT.rglob("*.xml")}
    notes = read_open_psa([INPUT / OTHER_TREE]).notes
    assert any(note.startswith("Not answered: alignments") for note in notes)


@needs_scram
@pytest.mark.parametrize(
    ("name", "probability", "by_order"),
    [("ne574/ne574.xml", 0.662208, (7,)), ("Lift/lift.xml", 1.19999e-5, (0, 12))],
)
def test_published_probabilities_and_counts_of_cut_sets(
    name: str, probability: float, by_order: tuple[int, ...]
) -> None:
    trees = read_open_psa([INPUT / name])  # F10 and F11 of the published cases
    (top,) = fault_tree_answers.availability(trees).services
    assert top.unavailability == pytest.approx(probability, rel=5e-6)
    answer = fault_tree_cut_sets.cut_sets(trees, top.ci_id)
    assert answer.count == sum(by_order)
    if len(by_order) > 1:
        assert answer.counts_by_order == by_order
