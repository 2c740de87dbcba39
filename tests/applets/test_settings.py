"""Settings are as the applet reference has them: labels, defaults, limits; the form can be drawn from them alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from callplans.engine.applet import Applet, ExitPerItem, Prompt, register
from callplans.engine.form import ItemId

TYPES = register.all()
NONE = object()

# type, field, title, default, least, most: from the applet reference, sections 4 and 6.
DECLARED: list[tuple[str, str, str, Any, int | None, int | None]] = [
    ("announcement", "prompt", "Announcement", Prompt(), None, None),
    ("announcer", "kind", "Announcement type", "text", None, None),
    ("announcer", "file", "Audio file", "", None, 1024),
    ("announcer", "source", "Data source", "", None, 255),
    ("announcer", "text", "Text", "", None, 1500),
    ("announcer", "voice", "Voice", "", None, None),
    ("announcer", "language", "Language", "", None, None),
    ("announcer", "say_relative", "Announce yesterday / today / tomorrow", False, None, None),
    ("announcer", "grammar", "Grammar", "standard", None, None),
    ("announcer", "currency", "Currency", "GBP", None, None),
    ("announcer", "barge_in", "Enable barge-in", False, None, None),
    ("menu", "prompt", "Prompt", Prompt(), None, None),
    ("menu", "choices", "Options", NONE, 1, 12),
    ("menu", "seconds", "Seconds to wait for a key", 5, 1, 60),
    ("menu", "max_no_input", "Maximum no input count", 3, 1, 10),
    ("menu", "max_invalid", "Maximum invalid count", 3, 1, 10),
    ("menu", "no_input_prompt", "No-input prompt", Prompt(), None, None),
    ("menu", "invalid_prompt", "Invalid prompt", Prompt(), None, None),
    ("menu", "store", "Store key in data source", "", None, 255),
    ("collect_input", "prompt", "Input prompt", Prompt(), None, None),
    ("collect_input", "most", "Maximum number of digits to collect", NONE, 1, 64),
    ("collect_input", "to_source", "Collect to data source?", False, None, None),
    ("collect_input", "secure", "Collect securely", False, None, None),
    ("collect_input", "slot", "Destination", "", None, 247),
    ("collect_input", "source", "Destination", "", None, 255),
    ("collect_input", "max_no_input", "Maximum no input count", 3, 1, 10),
    ("collect_input", "no_input_prompt", "No-input prompt", Prompt(), None, None),
    ("collect_input", "first_seconds", "Seconds to wait for the first key", 5, 1, 60),
    ("collect_input", "between_seconds", "Seconds to wait between keys", 3, 1, 10),
    ("collect_digit", "most", "Maximum number of digits to collect", 1, None, None),
    ("collect_digit", "max_no_input", "Maximum no input count", 3, 1, 10),
    ("set_menu_digit", "slot", "Slot", NONE, None, 247),
    ("set_menu_digit", "digit", "Digit", NONE, None, None),
    ("set_menu_string", "slot", "Slot", NONE, None, 247),
    ("set_menu_string", "text", "Text", "", None, 255),
    ("set_data_source", "rows", "Data sources", NONE, 1, 100),
    ("data_router", "rules", "Rules", [], None, 500),
    ("pci_transfer", "number", "Destination number", NONE, None, 255),
    ("pci_transfer", "clid", "CLID", NONE, None, 255),
    ("pci_transfer", "seconds", "Maximum time", 600, 10, 3600),
    ("ccr", "numbers", "Numbers", NONE, 1, 30),
    ("ccr", "distribution", "Distribution type", "sequential", None, None),
    ("ccr", "ring_seconds", "No answer timeout (seconds)", 15, 1, 120),
    ("ccr", "again", "Try agents more than once", False, None, None),
    ("ccr", "group_seconds", "Group timeout (seconds)", 60, 1, 3600),
]

# type, exits as (name, label, kind)
EXITS = {
    "announcement": [("next", "Following this announcement, next applet is", "normal")],
    "announcer": [("next", "Next applet", "normal"), ("failure", "Next applet on failure", "failure")],
    "menu": [("key", "{key}  {label}", "normal"), ("no_input", "No input", "failure"),
             ("invalid", "Invalid key", "failure")],
    "collect_input": [("next", "Next applet after digits collected", "normal"),
                      ("no_input", "Applet to go to after maximum no input", "failure")],
    "collect_digit": [("next", "Next applet after digits collected", "normal"),
                      ("no_input", "Applet to go to after maximum no input", "failure")],
    "set_menu_digit": [("next", "Next applet", "normal")],
    "set_menu_string": [("next", "Next applet", "normal")],
    "set_data_source": [("next", "Next applet", "normal")],
    "data_router": [("rule", "{label}", "normal"), ("no_match", "If rule does not match, route to", "normal")],
    "pci_transfer": [("next", "Next applet", "normal"), ("failure", "Next applet on failure", "failure")],
    "ccr": [("connected", "Connected", "end"), ("not_connected", "Applet to run if we do not connect", "failure")],
}  # fmt: skip


def type_of(name: str) -> type[Applet[Any]]:
    cls = register.get(name)
    assert cls is not None, name
    return cls


def limit(field: FieldInfo, *names: str) -> Any:
    return next((getattr(m, n) for m in field.metadata for n in names if getattr(m, n, None) is not None), None)


@pytest.mark.parametrize(("type", "name", "title", "default", "least", "most"), DECLARED)
def test_field(type: str, name: str, title: str, default: Any, least: int | None, most: int | None) -> None:
    field = type_of(type).Settings.model_fields[name]
    assert field.title == title
    assert field.is_required() if default is NONE else field.default == default
    assert (limit(field, "ge", "min_length"), limit(field, "le", "max_length")) == (least, most)


@pytest.mark.parametrize("type", EXITS)
def test_exits(type: str) -> None:
    found = [
        (exit.prefix if isinstance(exit, ExitPerItem) else exit.name, exit.label, exit.kind)
        for exit in type_of(type).exits
    ]
    assert found == EXITS[type]


def models(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[type[BaseModel]]:
    """A settings model and all that it is made of."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from models(part, seen)


EVERY_MODEL = [(cls, model) for cls in TYPES for model in models(cls.Settings)]
HINTS = {"x-source", "x-placeholders", "x-widget", "x-when", "x-section", "x-unit", "x-item", "x-copy", "x-status"}
WIDGETS = {"prompt", "multiline", "code", "key", "hidden"}


@pytest.mark.parametrize(("cls", "model"), EVERY_MODEL, ids=lambda part: getattr(part, "type", part.__name__))
def test_every_setting_says_what_it_is_and_its_hints_are_known(cls: type[Applet[Any]], model: type[BaseModel]) -> None:
    whole = cls.Settings.model_json_schema()
    schema = whole if model is cls.Settings else whole["$defs"][model.__name__]
    for name, field in schema["properties"].items():
        if "$ref" in field:
            field = {**whole["$defs"][field["$ref"].rpartition("/")[2]], **field}
        assert field.get("title"), f"{name} has no title"
        assert field.get("description", "").endswith((".", "!")), f"{name} has no description"
        hints = {hint for hint in field if hint.startswith("x-")}
        assert hints <= HINTS, name
        assert field.get("x-widget") in WIDGETS | {None}, name
        assert field.get("x-status") in {True, None}, name
        assert field.get("x-source") in {"read", "write", "slot", None}, name
        assert field.get("x-placeholders") in {"sources", "all", None}, name
        for condition in re.split(" and | or ", field["x-when"]) if "x-when" in field else []:
            sibling, _, values = condition.removeprefix("!").partition("=")
            assert sibling in schema["properties"], f"{name} waits for {sibling}"
            allowed = schema["properties"][sibling].get("oneOf") or schema["properties"][sibling].get("enum")
            if values:
                known = {choice["const"] if isinstance(choice, dict) else choice for choice in allowed}
                assert set(values.split(",")) <= known, name
        if field.get("type") == "array" and "$ref" in field["items"]:
            assert field.get("x-item"), f"{name} does not say what one entry is called"
        if "oneOf" in field:
            assert field.get("default", field["oneOf"][0]["const"]) in [choice["const"] for choice in field["oneOf"]]


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.type)
def test_every_type_helps_and_sums_up(cls: type[Applet[Any]]) -> None:
    described = cls.describe()
    assert len(described["help"]) > 60
    assert described["help"].endswith(".")
    assert cls.summary
    assert "{" not in cls.summary[-1], "the last summary must do without settings"
    for template in cls.summary:
        for path in re.findall(r"\{([^}|]+)(?:\|count)?\}", template):
            assert path.split(".")[0] in cls.Settings.model_fields, path
        condition = re.match(r"\[(.+?)\] ", template)
        for part in re.split(" and | or ", condition[1]) if condition else []:
            assert part.removeprefix("!").partition("=")[0] in cls.Settings.model_fields, template
    for exit in cls.exits:
        if isinstance(exit, ExitPerItem):
            assert exit.path.split(".")[0] in cls.Settings.model_fields
    assert len({exit["name"] if not exit["each"] else exit["prefix"] for exit in described["exits"]}) == len(cls.exits)


@pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.type)
def test_freshly_dropped_settings_are_valid_or_only_incomplete(cls: type[Applet[Any]]) -> None:
    """What the browser places is {}: a draft must take it."""
    try:
        cls.Settings.model_validate({})
    except ValidationError as wrong:
        assert {error["type"] for error in wrong.errors()} <= {"missing", "too_short"}


ITEM = {"id": "a1"}
MENU = {"choices": [{**ITEM, "key": "1"}]}
INCOMPLETE: list[tuple[str, dict[str, Any], tuple[str | int, ...]]] = [
    ("announcer", {"kind": "file"}, ("file",)),
    ("announcer", {"kind": "money"}, ("source",)),
    ("announcer", {"kind": "dynamic_file", "source": "  "}, ("source",)),
    ("menu", {}, ("choices",)),
    ("menu", {"choices": []}, ("choices",)),
    ("menu", {"choices": [ITEM]}, ("choices", 0, "key")),
    ("collect_input", {"slot": "A"}, ("most",)),
    ("collect_input", {"most": 4}, ("slot",)),
    ("collect_input", {"most": 4, "slot": "A", "to_source": True}, ("source",)),
    ("collect_input", {"most": 4, "slot": "A", "secure": True}, ("source",)),
    ("collect_digit", {}, ("slot",)),
    ("set_menu_digit", {"slot": " ", "digit": "1"}, ("slot",)),
    ("set_menu_string", {}, ("slot",)),
    ("set_data_source", {"rows": []}, ("rows",)),
    ("set_data_source", {"rows": [{**ITEM, "name": ""}]}, ("rows", 0, "name")),
    ("data_router", {"rules": [{**ITEM}]}, ("rules", 0, "source")),
    ("pci_transfer", {"number": "A"}, ("clid",)),
    ("ccr", {"numbers": []}, ("numbers",)),
    ("ccr", {"numbers": [{**ITEM, "number": ""}]}, ("numbers", 0, "number")),
]


@pytest.mark.parametrize(("type", "settings", "path"), INCOMPLETE)
def test_what_is_not_filled_in_yet_is_named_and_a_draft_may_hold_it(
    type: str, settings: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as wrong:
        type_of(type).Settings.model_validate(settings)
    assert [(error["type"] in ("missing", "too_short"), error["loc"]) for error in wrong.value.errors()] == [
        (True, path)
    ]


def same(name: str, *values: str) -> list[dict[str, str]]:
    return [{"id": f"a{n}", name: value} for n, value in enumerate(values)]


REFUSED: list[tuple[str, dict[str, Any], tuple[str | int, ...]]] = [
    ("menu", {"choices": same("key", "1", "2", "1")}, ("choices", 2, "key")),
    ("menu", {"choices": [{"id": "a", "key": "1"}, {"id": "a", "key": "2"}]}, ("choices", 1, "id")),
    ("menu", {"choices": same("key", "A")}, ("choices", 0, "key")),
    ("menu", {"choices": [{"id": "no spaces", "key": "1"}]}, ("choices", 0, "id")),
    ("menu", {**MENU, "seconds": 0}, ("seconds",)),
    ("menu", {**MENU, "seconds": 61}, ("seconds",)),
    ("menu", {**MENU, "max_no_input": 11}, ("max_no_input",)),
    ("menu", {**MENU, "max_invalid": 0}, ("max_invalid",)),
    ("menu", {**MENU, "colour": "red"}, ("colour",)),
    ("menu", {"choices": [{"id": "a", "key": "1", "label": "x" * 2**20}]}, ("choices", 0, "label")),
    ("announcement", {"prompt": {"text": "x" * 10_001}}, ("prompt", "text")),
    ("announcement", {"prompt": "Hello"}, ("prompt",)),
    ("announcer", {"text": "x" * 1501}, ("text",)),
    ("announcer", {"kind": "balance"}, ("kind",)),
    ("collect_input", {"slot": "A", "most": 65}, ("most",)),
    ("collect_input", {"slot": "A", "most": 0}, ("most",)),
    ("collect_input", {"slot": "A" * 248, "most": 4}, ("slot",)),
    ("collect_digit", {"slot": "A", "most": 2}, ("most",)),
    ("set_menu_digit", {"slot": "A", "digit": "10"}, ("digit",)),
    ("set_menu_string", {"slot": "A", "text": "x" * 256}, ("text",)),
    ("set_data_source", {"rows": same("name", "x" * 256)}, ("rows", 0, "name")),
    ("set_data_source", {"rows": [{**ITEM, "name": "A"}, {**ITEM, "name": "B"}]}, ("rows", 1, "id")),
    ("data_router", {"rules": [{**ITEM, "source": "A", "operator": "matches"}]}, ("rules", 0, "operator")),
    ("data_router", {"rules": [{**ITEM, "source": "A"}, {**ITEM, "source": "B"}]}, ("rules", 1, "id")),
    ("pci_transfer", {"number": "A", "clid": "B", "seconds": 3601}, ("seconds",)),
    ("ccr", {"numbers": same("number", *["+442079460001"] * 31)}, ("numbers",)),
    ("ccr", {"numbers": same("number", "+442079460001"), "ring_seconds": 121}, ("ring_seconds",)),
]


@pytest.mark.parametrize(("type", "settings", "path"), REFUSED)
def test_what_can_never_be_right_is_refused_by_its_path(
    type: str, settings: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as wrong:
        type_of(type).Settings.model_validate(settings)
    errors = wrong.value.errors()
    assert [error["loc"] for error in errors] == [path]
    assert errors[0]["type"] not in ("missing", "too_short")


@pytest.mark.parametrize(
    ("type", "settings"),
    [
        ("menu", {"choices": same("key", *"1234567890*#"), "seconds": 60, "max_no_input": 10, "max_invalid": 10}),
        ("announcer", {"text": "x" * 1500}),
        ("collect_input", {"slot": "A" * 247, "most": 64}),
        ("set_menu_string", {"slot": "A", "text": "x" * 255}),
        ("set_data_source", {"rows": same("name", "x" * 255)}),
        ("ccr", {"numbers": same("number", *["+442079460001"] * 30)}),
    ],
)
def test_the_limits_themselves_are_allowed(type: str, settings: dict[str, Any]) -> None:
    assert type_of(type).Settings.model_validate(settings)


def test_ids_are_hidden_in_the_form() -> None:
    menu = type_of("menu").Settings.model_json_schema()
    assert menu["$defs"]["Choice"]["properties"]["id"]["x-widget"] == "hidden"
    assert ItemId is not str


def test_a_routers_operators_are_offered_by_data_type() -> None:
    rule = type_of("data_router").Settings.model_json_schema()["$defs"]["Rule"]["properties"]
    offered = {choice["const"]: choice.get("x-when") for choice in rule["operator"]["oneOf"]}
    assert offered == {
        "equals": None,
        "not_equals": None,
        **dict.fromkeys(("contains", "not_contains", "starts_with", "is_null", "is_not_null"), "datatype=text"),
        **dict.fromkeys(("greater", "greater_or_equal", "less", "less_or_equal"), "datatype=number,date,datetime"),
    }
    assert [choice["title"] for choice in rule["datatype"]["oneOf"]] == [
        "Text", "Number", "Boolean", "Date", "Date and time"
    ]  # fmt: skip


def test_old_settings_are_lifted_by_every_type() -> None:
    for cls in TYPES:
        assert cls.lift({"a": 1}, cls.version) == {"a": 1}
