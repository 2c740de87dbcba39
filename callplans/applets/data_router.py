"""Data Router: the way on depends on the value of a data source."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field, field_validator

from callplans.engine import reading
from callplans.engine.applet import Applet, Exit, ExitPerItem, Next, Settings, register
from callplans.engine.call import CallView
from callplans.engine.checks import Problem
from callplans.engine.datasources import names_in
from callplans.engine.form import ItemId, Needed, options, unique

DataType = Literal["text", "number", "boolean", "date", "datetime"]
Operator = Literal[
    "equals", "not_equals", "contains", "not_contains", "starts_with", "is_null", "is_not_null",
    "greater", "greater_or_equal", "less", "less_or_equal",
]  # fmt: skip

RECOMMENDED = 50

_TYPES = {"text": "Text", "number": "Number", "boolean": "Boolean", "date": "Date", "datetime": "Date and time"}
_OPERATORS = {
    "equals": "Equals",
    "not_equals": "Not equals",
    "contains": "Contains",
    "not_contains": "Does not contain",
    "starts_with": "Starts with",
    "is_null": "Is null",
    "is_not_null": "Is not null",
    "greater": "Is greater than",
    "greater_or_equal": "Is greater than or equal to",
    "less": "Is less than",
    "less_or_equal": "Is less than or equal to",
}
_TEXT_ONLY = frozenset(("contains", "not_contains", "starts_with", "is_null", "is_not_null"))
_ORDERED_ONLY = frozenset(("greater", "greater_or_equal", "less", "less_or_equal"))
_ORDERED = frozenset(("number", "date", "datetime"))
_WITHOUT_VALUE = frozenset(("is_null", "is_not_null"))
_OFFERED = dict.fromkeys(_TEXT_ONLY, "datatype=text") | dict.fromkeys(_ORDERED_ONLY, "datatype=number,date,datetime")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "not_equals": operator.ne,
    "contains": operator.contains,
    "not_contains": lambda value, part: part not in value,
    "starts_with": str.startswith,
    "greater": operator.gt,
    "greater_or_equal": operator.ge,
    "less": operator.lt,
    "less_or_equal": operator.le,
}


def fits(datatype: str, operator: str) -> bool:
    """Whether a value of this type can be compared so."""
    return (operator not in _TEXT_ONLY or datatype == "text") and (
        operator not in _ORDERED_ONLY or datatype in _ORDERED
    )


def read_as(datatype: str, text: str, zone: str) -> Any:
    """The text as a value of the type, comparable with others of it; None when unreadable. Text ignores case."""
    match datatype:
        case "text":
            return text.casefold()
        case "number":
            return reading.as_number(text)
        case "boolean":
            return reading.as_boolean(text)
        case "date":
            return reading.as_date(text, zone)
        case _:
            return reading.as_moment(text, zone)


class Rule(Settings):
    id: ItemId
    label: str = Field("", title="Label", description="What the rule finds, shown beside its exit.", max_length=100)
    source: Needed = Field(
        title="Data source",
        description="The data source whose value is looked at.",
        max_length=255,
        json_schema_extra={"x-source": "read", "minLength": 1},
    )
    datatype: DataType = Field(
        "text",
        title="Data type",
        description="What the value is read as. A value that cannot be read so skips the rule.",
        json_schema_extra=options(_TYPES),
    )
    operator: Operator = Field(
        "equals",
        title="Operator",
        description="How it is compared. A null value matches none of them but Is null.",
        json_schema_extra=options(_OPERATORS, when=_OFFERED),
    )
    value: str = Field(
        "",
        title="Comparison value",
        description="Text, with the values of data sources in it where wanted. Text ignores case.",
        max_length=2_000,
        json_schema_extra={
            "x-placeholders": "sources",
            "x-when": "operator=" + ",".join(name for name in _OPERATORS if name not in _WITHOUT_VALUE),
        },
    )


class DataRouterSettings(Settings):
    rules: list[Rule] = Field(
        [],
        title="Rules",
        description="Tried from the top; the first one that matches decides. At most 50 are recommended.",
        max_length=500,
        json_schema_extra={"x-item": "Rule", "x-copy": True},
    )

    @field_validator("rules")
    @classmethod
    def _ids(cls, rules: list[Rule]) -> list[Rule]:
        unique(rules, "id")
        return rules


@register.add
class DataRouter(Applet[DataRouterSettings]):
    """Chooses the way on by the values of data sources: the first rule that matches decides, and when none does the
    call leaves by the last exit. The caller hears nothing. A rule whose value is null, or cannot be read as the rule's
    data type, does not match."""

    type, title, family = "data_router", "Data Router", "route"
    channels = ("calls", "messages")
    Settings = DataRouterSettings
    exits = (
        ExitPerItem("rules", prefix="rule", label="{label}"),
        Exit("no_match", "If rule does not match, route to", short="No match"),
    )
    summary = ("{rules|count} rules on $({rules.0.source})", "no rules yet")

    def enter(self, call: CallView) -> Next:
        for rule in self.settings.rules:
            if _matches(rule, call):
                return f"rule:{rule.id}"
        return "no_match"

    def check(self) -> list[Problem]:
        problems = []
        rules = self.settings.rules
        if not rules:
            words = "There are no rules: every call leaves by “If rule does not match”."
            problems.append(Problem("no_rules", "warning", words, field="rules"))
        if len(rules) > RECOMMENDED:
            words = f"There are {len(rules)} rules; at most {RECOMMENDED} are recommended."
            problems.append(Problem("many_rules", "warning", words, field="rules", params={"count": len(rules)}))
        for at, rule in enumerate(rules):
            problems += _wrong_with(rule, at)
        return problems


def _wrong_with(rule: Rule, at: int) -> list[Problem]:
    name, datatype = rule.label or str(at + 1), _TYPES[rule.datatype]
    if not fits(rule.datatype, rule.operator):
        words = f"“{_OPERATORS[rule.operator]}” cannot be used on {datatype}: rule “{name}” is skipped."
        return [Problem("operator_does_not_fit", "error", words, field=f"rules.{at}.operator", params={"rule": name})]
    if rule.operator in _WITHOUT_VALUE or names_in(rule.value) or read_as(rule.datatype, rule.value, "UTC") is not None:
        return []
    words = f"“{rule.value}” cannot be read as {datatype}: rule “{name}” never matches."
    return [Problem("comparison_unreadable", "error", words, field=f"rules.{at}.value", params={"rule": name})]


def _matches(rule: Rule, call: CallView) -> bool:
    value = call.get(rule.source)
    if not fits(rule.datatype, rule.operator):
        return _skipped(call, rule, f"“{_OPERATORS[rule.operator]}” cannot be used on {_TYPES[rule.datatype]}")
    if rule.operator in _WITHOUT_VALUE:
        return (value is None) == (rule.operator == "is_null")
    if value is None:
        return False
    zone = call.plan.zone
    read = read_as(rule.datatype, value, zone)
    if read is None:
        return _skipped(call, rule, f"$({rule.source}) cannot be read as {_TYPES[rule.datatype]}")
    other = read_as(rule.datatype, call.fill(rule.value, show_sealed=True), zone)
    if other is None:
        return _skipped(call, rule, f"the comparison value cannot be read as {_TYPES[rule.datatype]}")
    return _COMPARE[rule.operator](read, other)


def _skipped(call: CallView, rule: Rule, why: str) -> bool:
    """Record that the rule was skipped; never with a value, which may be what the caller keyed."""
    call.issue("rule_skipped", f"Rule “{rule.label or rule.id}” is skipped: {why}.")
    return False
