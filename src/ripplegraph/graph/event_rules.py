"""Which CI an event is about: rules that make a CI's name of the event's labels.

An event is a table of texts, such as ``labels.instance`` or ``node``. For each source a rule
file lists templates in the order in which they are tried; the first that names a CI decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from ripplegraph.errors import AmbiguousCiError
from ripplegraph.graph.look_up import near_misses
from ripplegraph.graph.model import CiId
from ripplegraph.graph.outages import OutageKind
from ripplegraph.graph.service_graph import ServiceGraph
from ripplegraph.graph.wording import list_words

LONGEST_LABEL = 300
"""Characters of a label that rules look at; a longer one names no CI."""

LONGEST_PATTERN = 200
MOST_REPEATS = 3
"""Unbounded repeats in one pattern: with more a hostile label could take minutes."""

_PLACE = re.compile(r"\{([^{}]*)\}")
_REPEAT = re.compile(r"(?<!\\)(?:[*+]|\{\d*,?\d*\})")
_REPEATED_GROUP = re.compile(r"\)(?:[*+]|\{)")
_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?P=|\(\?\(")
_ADDRESS = re.compile(r"[0-9.]+|.*:.*:.*")


class Step(StrEnum):
    """What may be done with a text before a CI is looked up by it."""

    STRIP_PORT = "strip_port"
    STRIP_DOMAIN = "strip_domain"
    STRIP_SCHEME = "strip_scheme"
    LOWER = "lower"
    UPPER = "upper"


@dataclass(frozen=True, slots=True, kw_only=True)
class CiRule:
    """One way to name a CI.

    Parameters
    ----------
    template
        Text with labels in braces, ``{labels.ci}``; an event that lacks one skips the rule.
    steps
        What is done with the text, in order: a :class:`Step`, or a pattern of which the first
        group (else the whole match) is taken.
    class_name
        Only CIs of this class are meant; "" for all.
    """

    template: str
    steps: tuple[Step | re.Pattern[str], ...] = ()
    class_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRules:
    """The rules of one source of events.

    Parameters
    ----------
    cis
        Tried in this order.
    severities
        What an event of a severity opens, None for nothing; ``*`` stands for every other.
    """

    cis: tuple[CiRule, ...]
    severities: Mapping[str, OutageKind | None] = field(default_factory=dict)

    def kind_of(self, severity: str) -> OutageKind | None:
        """Return what an event of this severity opens, None if nothing.

        Parameters
        ----------
        severity
            As the source writes it; case does not count.

        Examples
        --------
        >>> rules = SourceRules(cis=(), severities={"info": None, "*": OutageKind.DEGRADATION})
        >>> rules.kind_of("Info"), rules.kind_of("warning").value
        (None, 'degradation')
        """
        for name in (severity.casefold(), "*"):
            if name in self.severities:
                return self.severities[name]
        return OutageKind.UNPLANNED


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRules:
    """The rules of every source; a source without its own has those of ``*``."""

    sources: Mapping[str, SourceRules]

    def of(self, source: str) -> SourceRules:
        """Return the rules of a source.

        Parameters
        ----------
        source
            Kind of source, such as ``alertmanager``.
        """
        return self.sources.get(source) or self.sources.get("*") or SourceRules(cis=())


@dataclass(frozen=True, slots=True, kw_only=True)
class CiMatch:
    """The CI that an event is about, or why none is known.

    Parameters
    ----------
    ci_id
        None if there is no one CI.
    reason
        "" if there is one.
    candidates
        Ids or names that may be meant, if there is none.
    """

    ci_id: CiId | None
    reason: str = ""
    candidates: tuple[str, ...] = ()


def pattern_flaw(text: str) -> str:
    """Return why a pattern may not be used on what others send, "" if it may.

    Parameters
    ----------
    text
        A regular expression.

    Examples
    --------
    >>> pattern_flaw("^(web-[0-9]+)"), pattern_flaw("(a+)+$")
    ('', 'it repeats a group, which a hostile label could make slow')
    """
    if len(text) > LONGEST_PATTERN:
        return f"it is longer than {LONGEST_PATTERN} characters"
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as exc:
        return f"it is no regular expression ({exc})"
    if _BACK_REFERENCE.search(text):
        return "it refers back to a group, which a hostile label could make slow"
    if _REPEATED_GROUP.search(text):
        return "it repeats a group, which a hostile label could make slow"
    if len(_REPEAT.findall(text)) > MOST_REPEATS:
        return f"it has more than {MOST_REPEATS} repeats, which a hostile label could make slow"
    return ""


def matched_ci(
    graph: ServiceGraph,
    rules: Sequence[CiRule],
    labels: Mapping[str, str],
    *,
    with_near_misses: bool = True,
) -> CiMatch:
    """Return the CI that an event is about.

    Parameters
    ----------
    graph
        What :meth:`~ServiceGraph.look_up` says of it tells which texts name a CI.
    rules
        Tried in order. One that names several CIs ends the search: a weaker rule must not guess.
    labels
        The event as a table of texts.
    with_near_misses
        False if nobody needs candidates for an unknown name; they cost time.

    Examples
    --------
    >>> from graph_building import graph_of
    >>> rule = CiRule(template="{labels.instance}", steps=(Step.STRIP_PORT,))
    >>> matched_ci(graph_of("shop -> db"), [rule], {"labels.instance": "db:9100"}).ci_id
    't:server:db'
    """
    tried: dict[str, None] = {}
    for rule, text in _texts(rules, labels):
        try:
            number = graph.look_up(text)
        except AmbiguousCiError as error:
            chosen = _of_class(graph, error.candidates, rule.class_name)
            if len(chosen) == 1:
                return CiMatch(ci_id=chosen[0])
            reason = f"{text!r} names {len(error.candidates)} CIs"
            return CiMatch(ci_id=None, reason=reason, candidates=error.candidates)
        if number is not None and rule.class_name in ("", graph.cis.class_name[number]):
            return CiMatch(ci_id=graph.ci_ids[number])
        tried[text] = None
    reason = _why_none([*tried], rules)
    near = _near_misses(graph, [*tried]) if with_near_misses else ()
    return CiMatch(ci_id=None, reason=reason, candidates=near)


def _texts(rules: Sequence[CiRule], labels: Mapping[str, str]) -> Iterator[tuple[CiRule, str]]:
    """Yield the texts that the rules make of an event, each once per class."""
    seen: set[tuple[str, str]] = set()
    for rule in rules:
        text = _filled(rule.template, labels)
        for step in rule.steps:
            text = _after(step, text) if text else ""
        if text and (text, rule.class_name) not in seen:
            seen.add((text, rule.class_name))
            yield rule, text


def _filled(template: str, labels: Mapping[str, str]) -> str:
    """Return the template with its labels, "" if one is missing, empty or too long."""
    values = {name: labels.get(name, "").strip() for name in _PLACE.findall(template)}
    if any(not value or len(value) > LONGEST_LABEL for value in values.values()):
        return ""
    return _PLACE.sub(lambda place: values[place[1]], template)


def template_flaw(template: str) -> str:
    """Return what is wrong with a template, "" if nothing is.

    Parameters
    ----------
    template
        As a rule file writes it.

    Examples
    --------
    >>> template_flaw("{labels.ci}"), template_flaw("labels.ci")
    ('', 'it has no label in braces')
    """
    names = _PLACE.findall(template)
    if not names:
        return "it has no label in braces"
    if not all(name.strip() == name and name for name in names):
        return "it has braces without the name of a label"
    return "it has a brace that stands alone" if {"{", "}"} & {*_PLACE.sub("", template)} else ""


def _after(step: Step | re.Pattern[str], text: str) -> str:
    if isinstance(step, Step):
        return _STEPS[step](text)
    found = step.search(text)
    if found is None:
        return ""
    return (found[1] if step.groups else found[0]) or ""


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, colon, port = text.rpartition(":")
    return host if colon and port.isdecimal() and ":" not in host else text


def _without_domain(text: str) -> str:
    return text if _ADDRESS.fullmatch(text) else text.partition(".")[0]


def _without_scheme(text: str) -> str:
    rest = text.partition("://")[2]
    return rest.partition("/")[0] if rest else text


_STEPS: dict[Step, Callable[[str], str]] = {
    Step.STRIP_PORT: _without_port,
    Step.STRIP_DOMAIN: _without_domain,
    Step.STRIP_SCHEME: _without_scheme,
    Step.LOWER: str.lower,
    Step.UPPER: str.upper,
}


def _of_class(graph: ServiceGraph, candidates: Sequence[str], class_name: str) -> tuple[CiId, ...]:
    if not class_name:
        return ()
    numbers = [graph.resolve(ci_id) for ci_id in candidates]
    return tuple(
        graph.ci_ids[number] for number in numbers if graph.cis.class_name[number] == class_name
    )


def _why_none(tried: Sequence[str], rules: Sequence[CiRule]) -> str:
    if tried:
        return f"no CI is named {list_words([repr(text) for text in tried])}"
    wanted = list_words([*dict.fromkeys(rule.template for rule in rules)]) or "no rule"
    return f"the event has none of the labels that name a CI: {wanted}"


def _near_misses(graph: ServiceGraph, tried: Sequence[str]) -> tuple[str, ...]:
    if not tried:
        return ()
    barest = min(tried, key=len)  # without port and domain, as a CMDB has it
    return near_misses(barest, (graph.cis.native_id, graph.cis.name))


def _rules(*rows: tuple[str, tuple[Step, ...]]) -> tuple[CiRule, ...]:
    return tuple(CiRule(template=template, steps=steps) for template, steps in rows)


def _host_rules(*labels: str) -> tuple[CiRule, ...]:
    """Return rules that try each label as it is, then without port, then without domain too."""
    short = (Step.STRIP_SCHEME, Step.STRIP_PORT, Step.STRIP_DOMAIN)
    ways = ((), short[:2], short, (*short, Step.LOWER), (*short, Step.UPPER))
    return _rules(*((label, steps) for label in labels for steps in ways))


_WORN, _NOTHING = OutageKind.DEGRADATION, None

DEFAULT_EVENT_RULES = EventRules(
    sources={
        "alertmanager": SourceRules(
            cis=_host_rules(
                "{labels.ci}",
                "{annotations.ci}",
                "{labels.instance}",
                "{labels.host}",
                "{labels.node}",
                "{labels.service}",
            ),
            severities={"warning": _WORN, "info": _NOTHING, "none": _NOTHING},
        ),
        "pagerduty": SourceRules(
            cis=_host_rules(
                "{custom_details.ci}", "{component}", "{source}", "{service}", "{group}"
            ),
            severities={"warning": _WORN, "low": _WORN, "info": _NOTHING},
        ),
        "servicenow": SourceRules(
            cis=_host_rules("{additional_info.ci}", "{ci_identifier}", "{node}", "{resource}"),
            severities={"3": _WORN, "4": _WORN, "5": _NOTHING},
        ),
        "cloudevents": SourceRules(
            cis=_host_rules("{data.ci}", "{subject}", "{data.host}", "{source}"),
            severities={"warning": _WORN, "info": _NOTHING},
        ),
    }
)
"""What holds where no rule file says otherwise."""
