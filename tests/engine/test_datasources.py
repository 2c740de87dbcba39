from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from callplans.engine.applet import Prompt, Settings
from callplans.engine.datasources import (
    SecretRef,
    SourceRef,
    fill,
    names_in,
    parse,
    read_by_settings,
    secrets_in,
    secrets_in_settings,
    template,
    written_by_settings,
)
from callplans.engine.words import Hidden


def hint(**hints: str) -> Any:
    return Field("", json_schema_extra={f"x-{name}": value for name, value in hints.items()})


def test_a_text_is_read_once() -> None:
    text = "Dear $(Owner|Name), $(A)$(B) #(Key) $( ) #() $(x"
    expected = ("Dear ", SourceRef("Owner|Name"), ", ", SourceRef("A"), SourceRef("B"), " ", SecretRef("Key"))
    assert parse(text) == (*expected, " $( ) #() $(x")
    assert parse(text) is parse(text)
    assert parse("") == ()


def test_a_key_runs_to_the_first_bracket() -> None:
    assert parse("$(a(b)c)") == (SourceRef("a(b"), "c)")
    assert parse("$($(a))") == (SourceRef("$(a"), ")")


def test_names_and_secrets() -> None:
    assert names_in("$(a) and $(B|c) and #(k)") == {"a", "B|c"}
    assert secrets_in("$(a) and #(k)#(l)") == {"k", "l"}
    assert names_in("plain") == secrets_in("plain") == set()


def test_what_is_filled_in_is_never_read_again() -> None:
    values = {"a": "$(b)#(k)", "b": "WRONG"}
    assert fill("<$(a)>", values.__getitem__) == "<$(b)#(k)>"
    assert template("<$(a)>", values.__getitem__) == ["<$(b)#(k)>"]


def test_a_template_keeps_hidden_values_as_references() -> None:
    values: dict[str, str | Hidden] = {"a": "1", "pin": Hidden("sealed", "Pin"), "none": ""}
    found = template("x$(a)y#(k)$(pin)$(none)z$(a)", values.__getitem__)
    assert found == ["x1y", Hidden("secret", "k"), Hidden("sealed", "Pin"), "z1"]
    assert template("", values.__getitem__) == template("$(none)", values.__getitem__) == []


def test_secrets_stay_as_written_where_nobody_resolves_them() -> None:
    assert fill("a #(k)", str) == "a #(k)"
    assert fill("a #(k)", str, lambda key: "••••") == "a ••••"


@given(st.text(alphabet="$#()ab| \x00", max_size=40), st.text(max_size=10))
def test_any_text_is_filled_in_one_pass(text: str, value: str) -> None:
    pieces = [part if isinstance(part, str) else value for part in parse(text) if not isinstance(part, SecretRef)]
    assert fill(text, lambda name: value, lambda key: "") == "".join(pieces)


class Row(Settings):
    name: str = hint(source="write")
    value: str = hint(placeholders="sources")


class Everything(Settings):
    source: str = hint(source="read")
    empty: str = hint(source="read")
    slot: str = hint(source="slot")
    rows: list[Row] = []
    prompt: Prompt = Prompt()
    note: str = ""
    kind: str = "a"
    only_b: str = Field("", json_schema_extra={"x-source": "read", "x-when": "kind=b"})
    url: str = hint(placeholders="all")
    plain: str = hint(placeholders="sources")
    keys: list[str] = Field([], json_schema_extra={"x-placeholders": "all"})


def test_what_settings_read_write_and_need() -> None:
    settings = Everything(
        source="In $(odd)",
        slot="Slot",
        rows=[Row(name="Out", value="$(r) #(not)"), Row()],
        prompt=Prompt(text="$(p)"),
        note="$(n)",
        only_b="hidden",
        url="http://$(host)/#(Key)",
        plain="#(not either)",
        keys=["#(k2)", "$(k3)"],
    )
    assert read_by_settings(settings) == {"In $(odd)", "r", "p", "n", "host", "k3"}
    assert written_by_settings(settings) == {"Out"}
    assert secrets_in_settings(settings) == {"Key", "k2"}
    assert "hidden" in read_by_settings(settings.model_copy(update={"kind": "b"}))


def test_empty_settings_read_nothing() -> None:
    assert (
        read_by_settings(Everything())
        == written_by_settings(Everything())
        == secrets_in_settings(Everything())
        == set()
    )
