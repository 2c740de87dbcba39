"""What settings are declared with: errors carry the field's path, and only what is merely missing is called so."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import Field, ValidationError, field_validator, model_validator

from callplans.engine.applet import Settings
from callplans.engine.form import ItemId, Needed, needed, options, unique


class Item(Settings):
    id: ItemId
    key: str = ""


class Form(Settings):
    name: Needed = Field("x", max_length=5)
    mode: str = Field("a", json_schema_extra=options({"a": "First", "b": "Second"}, {"b": "name=x"}, x_when="name"))
    detail: str = ""
    items: list[Item] = []

    @field_validator("items")
    @classmethod
    def _once(cls, items: list[Item]) -> list[Item]:
        unique(items, "id", "key")
        return items

    @model_validator(mode="after")
    def _filled(self) -> Form:
        needed((("detail", self.mode == "b" and not self.detail),))
        return self


class Outer(Settings):
    form: Form


def errors(model: type[Settings], data: dict[str, Any]) -> list[tuple[tuple[Any, ...], str]]:
    with pytest.raises(ValidationError) as wrong:
        model.model_validate(data)
    return [(error["loc"], error["type"]) for error in wrong.value.errors()]


def test_paths_reach_the_field_through_lists_and_models() -> None:
    twice = [{"id": "a", "key": "1"}, {"id": "a", "key": "2"}, {"id": "c", "key": "1"}]
    found = errors(Outer, {"form": {"items": twice}})
    assert found == [(("form", "items", 1, "id"), "duplicate"), (("form", "items", 2, "key"), "duplicate")]
    assert errors(Outer, {"form": {"mode": "b"}}) == [(("form", "detail"), "missing")]


def test_blank_is_missing_and_too_long_is_not() -> None:
    assert errors(Form, {"name": "   "}) == [(("name",), "too_short")]
    assert errors(Form, {"name": "xxxxxx"}) == [(("name",), "string_too_long")]


@pytest.mark.parametrize("id", ["", "a b", "a/b", "x" * 65, "é", "a\n"])
def test_ids_that_are_none(id: str) -> None:
    assert errors(Item, {"id": id}) == [(("id",), "string_pattern_mismatch")]


def test_choices_have_labels_conditions_and_hints() -> None:
    mode = Form.model_json_schema()["properties"]["mode"]
    assert mode["oneOf"] == [{"const": "a", "title": "First"}, {"const": "b", "title": "Second", "x-when": "name=x"}]
    assert mode["x-when"] == "name"
    assert "enum" not in mode
