"""The JSON Schemas of the answers."""

from __future__ import annotations

from graph_building import graph_of
from ripplegraph.api.schemas import ImpactOut, LoadOut, WhyNotOut, WhyOut, json_schemas
from ripplegraph.impact.propagation.answers import impact, why, why_not
from ripplegraph.impact.propagation.scenario import scenario_of


def test_every_answer_names_its_schema_and_has_one() -> None:
    schemas = json_schemas()
    assert set(schemas) >= {"impact-1", "load-1", "check-1", "why-1", "services-1", "ci-1"}
    for name, schema in schemas.items():
        properties = schema["properties"]
        assert isinstance(properties, dict)
        assert properties["schema"]["const"] == "ripplegraph/" + name.replace("-1", "/1")
        assert "schema" in schema["required"]  # type: ignore[operator]


def test_schema_lists_the_statuses_and_the_field_named_class() -> None:
    definitions = json_schemas()["impact-1"]["$defs"]
    assert isinstance(definitions, dict)
    impacted = definitions["ImpactedOut"]["properties"]
    assert impacted["status"]["enum"] == ["up", "at_risk", "degraded", "down"]
    assert "class" in impacted
    assert "class_name" not in impacted


def test_answers_have_exactly_the_fields_of_their_schema() -> None:
    graph = graph_of("shop -> web & db; web -> h1 | h2")
    scenario = scenario_of(graph, down=["h1"])
    answers = {
        "impact-1": ImpactOut.of(impact(graph, scenario), graph),
        "why-1": WhyOut.of(why(graph, "shop", scenario), graph),
        "why-not-1": WhyNotOut.of(why_not(graph, "shop", scenario), graph),
        "load-1": LoadOut.of(graph),
    }
    for name, answer in answers.items():
        schema = json_schemas()[name]
        assert list(answer.model_dump(mode="json")) == list(schema["properties"])  # type: ignore[call-overload]
