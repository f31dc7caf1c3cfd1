"""Reading Open-PSA fault trees: formulas, names, expressions, and what is refused."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from loaders.open_psa.scram import needs_scram, probabilities, scram_report
from ripplegraph.errors import LimitExceededError, UnreadableFileError
from ripplegraph.impact.availability.compile import compile_fleet
from ripplegraph.impact.availability.evaluate import failure_probabilities
from ripplegraph.impact.availability.fault_trees import FaultTrees
from ripplegraph.loaders.open_psa import is_open_psa, read_open_psa


def model(tmp_path: Path, inner: str, name: str = "model.xml") -> Path:
    path = tmp_path / name
    path.write_text(f'<?xml version="1.0"?>\n<opsa-mef>\n{inner}\n</opsa-mef>', encoding="utf-8")
    return path


def tree(tmp_path: Path, inner: str) -> FaultTrees:
    return read_open_psa(
        [model(tmp_path, f'<define-fault-tree name="t">{inner}</define-fault-tree>')]
    )


def unavailabilities(trees: FaultTrees) -> dict[str, float]:
    fleet = compile_fleet(trees.formula, trees.roots)
    values = failure_probabilities(fleet, trees.unavailability)
    return dict(zip(trees.root_names, map(float, values), strict=True))


def event(name: str, probability: float) -> str:
    return f'<define-basic-event name="{name}"><float value="{probability}"/></define-basic-event>'


EVENTS = event("a", 0.1) + event("b", 0.2) + event("c", 0.3)
ABC = '<basic-event name="a"/><basic-event name="b"/><basic-event name="c"/>'
AB = '<basic-event name="a"/><basic-event name="b"/>'


@pytest.mark.parametrize(
    ("formula", "is_true"),
    [
        (f"<and>{ABC}</and>", lambda a, b, c: a and b and c),
        (f"<or>{ABC}</or>", lambda a, b, c: a or b or c),
        (f"<nand>{ABC}</nand>", lambda a, b, c: not (a and b and c)),
        (f"<nor>{ABC}</nor>", lambda a, b, c: not (a or b or c)),
        (f"<xor>{AB}</xor>", lambda a, b, c: a != b),
        (f"<iff>{AB}</iff>", lambda a, b, c: a == b),
        (f"<imply>{AB}</imply>", lambda a, b, c: not a or b),
        ('<not><event name="c" type="basic-event"/></not>', lambda a, b, c: not c),
        (f'<atleast min="2">{ABC}</atleast>', lambda a, b, c: a + b + c >= 2),
        (f'<atleast min="0">{ABC}</atleast>', lambda a, b, c: True),
        (f'<cardinality min="1" max="2">{ABC}</cardinality>', lambda a, b, c: 1 <= a + b + c <= 2),
        ('<basic-event name="a"/>', lambda a, b, c: a),
        ('<constant value="true"/>', lambda a, b, c: True),
        ('<constant value="false"/>', lambda a, b, c: False),
        (f"<or><and>{AB}</and><not><event name='c'/></not></or>",
         lambda a, b, c: (a and b) or not c),
    ],
)  # fmt: skip
def test_gate_has_the_probability_of_its_truth_table(
    tmp_path: Path, formula: str, is_true: Callable[[bool, bool, bool], bool]
) -> None:
    trees = tree(tmp_path, f'<define-gate name="top">{formula}</define-gate>{EVENTS}')
    expected = sum(
        math.prod(q if x else 1 - q for x, q in zip(state, (0.1, 0.2, 0.3), strict=True))
        for state in product((False, True), repeat=3)
        if is_true(*state)
    )
    assert unavailabilities(trees) == pytest.approx({"top": expected}, rel=1e-14)


def test_house_events_hold_as_defined_and_false_without_a_constant(tmp_path: Path) -> None:
    inner = (
        '<define-gate name="on"><and><event name="yes"/><event name="a"/></and></define-gate>'
        '<define-gate name="off"><and><house-event name="no"/><event name="a"/></and>'
        "</define-gate>"
        '<define-house-event name="yes"><constant value="true"/></define-house-event>'
        '<define-house-event name="no"/>'
    )
    assert unavailabilities(tree(tmp_path, inner + EVENTS)) == {"on": 0.1, "off": 0.0}


def test_private_names_are_found_in_their_component_first(tmp_path: Path) -> None:
    inner = (
        '<define-gate name="top"><and><gate name="part.g"/><gate name="g"/></and></define-gate>'
        '<define-gate name="g"><event name="a"/></define-gate>'
        '<define-component name="part" role="private">'
        '<define-gate name="g"><or><gate name="h"/><event name="c"/></or></define-gate>'
        '<define-gate name="h"><event name="b"/></define-gate></define-component>'
    )
    trees = tree(tmp_path, inner + EVENTS)
    assert unavailabilities(trees) == pytest.approx({"top": 0.1 * (1 - 0.8 * 0.7)})


def test_each_gate_that_no_gate_uses_is_a_top_in_the_order_of_the_file(tmp_path: Path) -> None:
    inner = "".join(
        f'<define-gate name="{name}"><label>Gate  {name}</label><event name="a"/></define-gate>'
        for name in "zx"
    )
    trees = tree(tmp_path, inner + EVENTS)
    assert trees.root_names == ("z", "x")
    assert trees.root_labels == ("Gate z", "Gate x")


def expression(tmp_path: Path, text: str, more: str = "") -> float:
    gate = '<define-gate name="top"><basic-event name="e"/></define-gate>'
    basic = f'<define-basic-event name="e">{text}</define-basic-event>'
    return float(tree(tmp_path, gate + basic + more).unavailability[0])


def floats(*values: float) -> str:
    return "".join(f'<float value="{value}"/>' for value in values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<exponential>{floats(1e-15)}<system-mission-time/></exponential>", 8.76e-12),
        (f"<GLM>{floats(0.01, 1e-6, 0.1, 8760)}</GLM>", 1e-6 / (0.1 + 1e-6)),
        (f"<Weibull>{floats(1000, 2, 100, 600)}</Weibull>", 1 - math.exp(-0.25)),
        (f"<Weibull>{floats(1000, 2, 700, 600)}</Weibull>", 0.0),
        (f"<periodic-test>{floats(1e-4, 720, 100, 50)}</periodic-test>", 1 - math.exp(-5e-3)),
        (f"<periodic-test>{floats(1e-4, 720, 100, 920)}</periodic-test>", 1 - math.exp(-1e-2)),
        (f"<periodic-test>{floats(1e-4, 720, 100, 820)}</periodic-test>", 1 - math.exp(-72e-3)),
        (f"<uniform-deviate>{floats(0.1, 0.3)}</uniform-deviate>", 0.2),
        (f"<normal-deviate>{floats(0.1, 0.3)}</normal-deviate>", 0.1),
        (f"<lognormal-deviate>{floats(0.1, 3, 0.95)}</lognormal-deviate>", 0.1),
        (f"<lognormal-deviate>{floats(-2, 0.5)}</lognormal-deviate>", math.exp(-1.875)),
        (f"<gamma-deviate>{floats(2, 0.1)}</gamma-deviate>", 0.2),
        (f"<beta-deviate>{floats(1, 3)}</beta-deviate>", 0.25),
        (
            f"<histogram>{floats(0)}<bin>{floats(0.2, 3)}</bin>"
            f"<bin>{floats(0.4, 1)}</bin></histogram>",
            0.15,
        ),
        (f"<sub>{floats(0.9, 0.3, 0.2)}</sub>", 0.4),
        (f"<div>{floats(0.9, 3, 2)}</div>", 0.15),
        (f"<add>{floats(0.1, 0.2)}<neg>{floats(0.05)}</neg></add>", 0.25),
        (f"<mul>{floats(0.5)}<mean>{floats(0.2, 0.4)}</mean></mul>", 0.15),
        (f"<ite><lt>{floats(1, 2)}</lt>{floats(0.1, 0.2)}</ite>", 0.1),
        (f"<ite><geq>{floats(1, 2)}</geq>{floats(0.1, 0.2)}</ite>", 0.2),
        (f'<switch><case><bool value="true"/>{floats(0.3)}</case>{floats(0.1)}</switch>', 0.3),
        (f'<switch><case><bool value="false"/>{floats(0.3)}</case>{floats(0.1)}</switch>', 0.1),
        (f"<div><pi/>{floats(10)}</div>", math.pi / 10),
        (f"<sqrt>{floats(0.25)}</sqrt>", 0.5),
        (f"<div><mod>{floats(7, 4)}</mod><ceil>{floats(9.5)}</ceil></div>", 0.3),
        (f"<div><floor>{floats(7.5)}</floor><pow>{floats(10, 2)}</pow></div>", 0.07),
        (f"<min>{floats(0.2, 0.1)}<max>{floats(0.05, 0.15)}</max></min>", 0.1),
        (f"<and>{floats(1)}<not><or><eq>{floats(1, 2)}</eq></or></not></and>", 1.0),
        (f"<mul><df>{floats(1, 2)}</df><gt>{floats(2, 1)}</gt></mul>", 1.0),
        (f"<leq>{floats(1, 1)}</leq>", 1.0),
        ('<parameter name="p"/>', 0.02),
    ],
)  # fmt: skip
def test_expression_counts_with_its_mean(tmp_path: Path, text: str, expected: float) -> None:
    more = '<define-parameter name="p"><parameter name="q"/></define-parameter>'
    more += '<define-parameter name="q"><float value="0.02"/></define-parameter>'
    assert expression(tmp_path, text, more) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<extern-function name='f'/>", "'e' is not supported"),
        (f"<exponential>{floats(1)}</exponential>", "has 1 arguments; supported: 2"),
        (f"<add>{floats(0.9, 0.9)}</add>", "has the probability 1.8"),
        (f"<div>{floats(1, 0)}</div>", "has no value at 1, 0"),
        ('<float value="many"/>', "'many' is no number"),
        ('<float value="nan"/>', "'nan' is no number"),
        ("<float/>", "lacks 'value'"),
        ('<parameter name="p"/>', "defined by itself .p -> q -> p."),
        ('<parameter name="none"/>', "'none' is not defined"),
        ('<parameter name="void"/>', "'void' has no expression"),
        (floats(0.1, 0.2), "by several expressions"),
        (f"<histogram>{floats(0)}</histogram>", "has no weight"),
        (f"<histogram>{floats(0)}<bin>{floats(1)}</bin></histogram>", "needs 2"),
    ],
)
def test_expression_without_a_probability_is_refused(tmp_path: Path, text: str, why: str) -> None:
    more = '<define-parameter name="p"><parameter name="q"/></define-parameter>'
    more += '<define-parameter name="q"><parameter name="p"/></define-parameter>'
    more += '<define-parameter name="void"/>'
    with pytest.raises(UnreadableFileError, match=why):
        expression(tmp_path, text, more)


def test_parameters_linked_without_end_are_refused(tmp_path: Path) -> None:
    chain = "".join(
        f'<define-parameter name="p{n}"><parameter name="p{n + 1}"/></define-parameter>'
        for n in range(900)
    )
    with pytest.raises(LimitExceededError, match="nested over more than"):
        expression(tmp_path, '<parameter name="p0"/>', chain)


def test_units_are_told_not_converted(tmp_path: Path) -> None:
    gate = '<define-gate name="top"><basic-event name="e"/></define-gate>'
    basic = '<define-basic-event name="e"><parameter name="p"/></define-basic-event>'
    unit = f'<define-parameter name="p" unit="years-1">{floats(0.1)}</define-parameter>'
    notes = tree(tmp_path, gate + basic + unit).notes
    assert "Units are not converted: years-1. Times count as hours." in notes


def test_event_without_probability_stays_unknown_and_is_named(tmp_path: Path) -> None:
    inner = '<define-gate name="top"><or><event name="a"/><event name="lost"/></or></define-gate>'
    trees = tree(tmp_path, inner + EVENTS)
    assert trees.variable_names == ("a", "lost")
    assert math.isnan(trees.unavailability[1])
    assert "Basic events without a probability: lost." in trees.notes


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        (
            '<define-gate name="x"><gate name="y"/></define-gate>'
            '<define-gate name="y"><gate name="x"/></define-gate>',
            "gate 'x' rests on itself .x -> y -> x.",
        ),
        (
            '<define-gate name="top"><gate name="x"/></define-gate>'
            '<define-gate name="x"><or><gate name="x"/><event name="a"/></or></define-gate>',
            "gate 'x' rests on itself .x -> x.",
        ),
        ('<define-gate name="x"><gate name="y"/></define-gate>', "gate 'y', used by gate 'x'"),
        ('<define-gate name="x"><event name="a" type="gate"/></define-gate>', "gate 'a'"),
        ('<define-gate name="x"/>', "has 0 formulas"),
        ('<define-gate name="x"><and/></define-gate>', "<and> has 0 arguments"),
        (f'<define-gate name="x"><imply>{ABC}</imply></define-gate>', "has 3 arguments"),
        (f'<define-gate name="x"><most>{ABC}</most></define-gate>', "<most> in gate 'x'"),
        (f'<define-gate name="x"><atleast min="-1">{ABC}</atleast></define-gate>', "'-1'"),
        (f'<define-gate name="x"><atleast>{ABC}</atleast></define-gate>', "lacks 'min'"),
        ('<define-gate name="a"><event name="b"/></define-gate>', "'a' is defined twice"),
        ('<define-gate><event name="b"/></define-gate>', "lacks 'name'"),
        ("<define-magic name='m'/>", "<define-magic> 'm' is not supported"),
        (
            '<define-gate name="x"><event name="h"/></define-gate>'
            '<define-house-event name="h"><float value="1"/></define-house-event>',
            "'h' is no constant",
        ),
        ("", "it defines no gate"),
    ],
)  # fmt: skip
def test_model_that_means_nothing_is_refused(tmp_path: Path, inner: str, why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why):
        tree(tmp_path, EVENTS + inner)


def test_substitutions_are_refused_by_name(tmp_path: Path) -> None:
    inner = '<define-substitution name="Swap" type="exchange-event"/>'
    with pytest.raises(UnreadableFileError, match="<define-substitution> 'Swap' is not supported"):
        read_open_psa([model(tmp_path, inner)])


def test_chain_of_gates_may_be_long(tmp_path: Path) -> None:
    inner = "".join(
        f'<define-gate name="g{n}"><gate name="g{n + 1}"/></define-gate>' for n in range(20_000)
    )
    inner += '<define-gate name="g20000"><event name="a"/></define-gate>'
    assert unavailabilities(tree(tmp_path, inner + EVENTS)) == {"g0": 0.1}


def test_event_trees_and_alignments_are_told_as_not_answered(tmp_path: Path) -> None:
    inner = (
        f'<define-fault-tree name="t"><define-gate name="x"><or>{AB}</or></define-gate>{EVENTS}'
        '</define-fault-tree><define-event-tree name="e"/><define-alignment name="a"/>'
    )
    notes = " ".join(read_open_psa([model(tmp_path, inner)]).notes)
    assert (
        "Not answered: event trees, alignments (house events hold as they are defined)." in notes
    )


GATES = f'<define-fault-tree name="t"><define-gate name="top"><and>{AB}</and></define-gate></define-fault-tree>'  # noqa: E501
DATA = f"<model-data>{EVENTS}</model-data>"


def test_tree_and_events_may_lie_in_several_files_a_folder_or_a_zip(tmp_path: Path) -> None:
    gates, data = model(tmp_path, GATES), model(tmp_path, DATA, "events.xml")
    packed = tmp_path.parent / "model.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(gates, "model.xml")
        archive.write(data, "events.xml")
    for paths in ([gates, data], [tmp_path], [packed]):
        assert is_open_psa(paths)
        assert unavailabilities(read_open_psa(paths)) == pytest.approx({"top": 0.02})


def test_stdin_may_be_the_model(tmp_path: Path) -> None:
    data = model(tmp_path, GATES + DATA).read_bytes()
    trees = read_open_psa([Path("-")], stdin=io.BytesIO(data))
    assert unavailabilities(trees) == pytest.approx({"top": 0.02})


def test_other_files_beside_the_model_are_told(tmp_path: Path) -> None:
    model(tmp_path, GATES + DATA)
    (tmp_path / "cis.csv").write_text("id,name\n1,one\n", encoding="utf-8")
    assert "No Open-PSA documents, so not read: cis.csv." in read_open_psa([tmp_path]).notes
    assert not is_open_psa([tmp_path / "cis.csv"])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<opsa-mef><define-fault-tree", "no valid XML"),
        ("<x><opsa-mef/></x>", "its root is <x>"),
        ('<!DOCTYPE opsa-mef [<!ENTITY a "b">]><opsa-mef/>', "document type"),
    ],
)
def test_document_that_is_no_model_is_refused(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "model.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFileError, match=why):
        read_open_psa([path])


def test_deep_formula_is_refused_by_the_limit(tmp_path: Path) -> None:
    deep = "<not>" * 100 + '<event name="a"/>' + "</not>" * 100
    with pytest.raises(LimitExceededError, match="depth"):
        tree(tmp_path, f'<define-gate name="x">{deep}</define-gate>{EVENTS}')


def common_causes(kind: str, factors: str, members: str = ABC) -> str:
    return (
        f'<define-fault-tree name="t"><define-gate name="top"><and>{ABC}</and></define-gate>'
        f'</define-fault-tree><define-CCF-group name="Pumps" model="{kind}"><members>{members}'
        f"</members><distribution>{floats(0.1)}</distribution>{factors}</define-CCF-group>"
    )


def level(number: int, value: float) -> str:
    return f'<factor level="{number}">{floats(value)}</factor>'


FACTORS = {
    "beta-factor": level(3, 0.2),
    "MGL": f"<factors>{level(2, 0.3)}{level(3, 0.5)}</factors>",
    "alpha-factor": f"<factors>{level(1, 0.7)}{level(2, 0.2)}{level(3, 0.1)}</factors>",
    "phi-factor": f"<factors>{level(1, 0.7)}{level(2, 0.2)}{level(3, 0.1)}</factors>",
}


def test_common_causes_count_only_when_asked_for_and_it_is_told(tmp_path: Path) -> None:
    path = model(tmp_path, common_causes("beta-factor", FACTORS["beta-factor"]))
    apart = read_open_psa([path])
    assert unavailabilities(apart) == pytest.approx({"top": 1e-3})
    assert "Common causes do not count (ask for them): Pumps." in " ".join(apart.notes)
    together = read_open_psa([path], with_common_causes=True)
    assert unavailabilities(together) == pytest.approx({"top": 1 - 0.98 * (1 - 0.08**3)})
    assert "Common causes count: Pumps." in together.notes
    assert together.variable_names == ("[a]", "[a b c]", "[b]", "[c]")


@needs_scram
@pytest.mark.parametrize("kind", sorted(FACTORS))
def test_common_cause_models_agree_with_scram(tmp_path: Path, kind: str) -> None:
    path = model(tmp_path, common_causes(kind, FACTORS[kind]))
    ours = unavailabilities(read_open_psa([path], with_common_causes=True))
    assert ours == pytest.approx(
        probabilities(scram_report([path], "-l", "1", "--ccf", "1")), 1e-5
    )


@pytest.mark.parametrize(
    ("kind", "factors", "members", "why"),
    [
        ("beta-factor", level(2, 0.2), ABC, "one factor, of level 3"),
        ("MGL", level(1, 0.2), ABC, "levels 2, 3"),
        ("gamma", level(1, 0.2), ABC, "model 'gamma'"),
        ("beta-factor", "", ABC, "has no factor"),
        ("beta-factor", level(3, 1.2), ABC, "factor 1.2 outside"),
        ("beta-factor", level(3, 0.2), '<basic-event name="a"/>', "two members or more"),
    ],
)
def test_common_cause_group_that_is_wrong_is_refused(
    tmp_path: Path, kind: str, factors: str, members: str, why: str
) -> None:
    path = model(tmp_path, common_causes(kind, factors, members))
    with pytest.raises(UnreadableFileError, match=why):
        read_open_psa([path])


def test_common_cause_group_without_its_parts_is_refused(tmp_path: Path) -> None:
    inner = '<define-CCF-group name="Pumps" model="MGL"/>'
    with pytest.raises(UnreadableFileError, match="needs its members and one distribution"):
        read_open_psa([model(tmp_path, inner)])


def test_common_causes_of_too_many_are_refused(tmp_path: Path) -> None:
    members = "".join(f'<basic-event name="m{n}"/>' for n in range(40))
    factors = "".join(level(n, 0.1) for n in range(1, 9))
    path = model(tmp_path, common_causes("phi-factor", f"<factors>{factors}</factors>", members))
    with pytest.raises(LimitExceededError, match="20,000 shared failures"):
        read_open_psa([path])
