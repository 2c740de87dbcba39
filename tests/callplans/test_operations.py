"""Operations as JSON: what is read, and how what is wrong is told."""

from __future__ import annotations

from typing import Any

import pytest

from callplans.operations import MOST_OPERATIONS, FieldError, Invalid, SetSetting, dotted, parse
from tests.callplans.people import new_id, op, place, say


def errors(operations: Any) -> list[FieldError]:
    with pytest.raises(Invalid) as refused:
        parse(operations)
    return refused.value.fields


def test_each_kind_is_read() -> None:
    key = new_id()
    batch = [
        *place(say("Hello.")),
        op("remove", key=key),
        op("move", key=key, x=1, y=2.5),
        op("rename", key=key, name=""),
        op("set", key=key, path=["a", "b"], value=[1]),
        op("wire", source=key, exit="next", target=None),
        op("unwire", source=key, exit="next"),
        op("set_plan", field="initial", value=None),
    ]
    assert [one.op for one in parse(batch)] == [one["op"] for one in batch]
    assert [one.model_dump(mode="json", exclude_unset=True) for one in parse(batch)][1:] == batch[1:]


def test_without_a_value_it_is_deleted() -> None:
    absent, null = parse([op("set", key=new_id(), path=["a"]), op("set", key=new_id(), path=["a"], value=None)])
    assert isinstance(absent, SetSetting)
    assert "value" not in absent.model_fields_set
    assert "value" in null.model_fields_set


@pytest.mark.parametrize("batch", [None, [], {}, "place", 5])
def test_what_is_no_batch(batch: Any) -> None:
    assert [(e.path, e.code) for e in errors(batch)] == [("operations", "required")]


def test_too_many_at_once() -> None:
    assert errors([op("remove", key=new_id())] * (MOST_OPERATIONS + 1))[0].code == "too_long"


def test_the_same_id_twice() -> None:
    one = op("remove", key=new_id())
    assert [(e.path, e.code) for e in errors([one, one])] == [("operations.1.id", "duplicate_id")]


def test_every_error_is_told_with_its_path() -> None:
    found = errors([op("move", key="x", x="far"), op("remove"), op("rename", key=new_id(), name="n", size=3)])
    assert {(e.path, e.code) for e in found} == {
        ("operations.0.key", "uuid_parsing"),
        ("operations.0.x", "float_parsing"),
        ("operations.0.y", "missing"),
        ("operations.1.key", "missing"),
        ("operations.2.size", "extra_forbidden"),
    }


def test_dotted() -> None:
    assert dotted("operations", 0, "applet") == "operations.0.applet"
