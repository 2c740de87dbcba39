from __future__ import annotations

from typing import Any

import pytest

from callplans.engine.applet import Applet, DrawnExit, Exit, ExitPerItem, Prompt, Register, Settings, shows
from callplans.engine.call import CallState, CallView
from callplans.engine.plan import PlacedApplet, Plan
from callplans.engine.words import Gather, Silence


class Item(Settings):
    id: str
    label: str = ""
    key: str = ""


class RouteSettings(Settings):
    rules: list[Item] = []
    mode: str = "a"
    prompt: Prompt = Prompt()


class Route(Applet[RouteSettings]):
    """Goes one way
    or another."""

    type, title, family = "route", "Route", "route"
    Settings = RouteSettings
    uses = (Gather,)
    exits = (
        ExitPerItem("rules", prefix="rule", label="{key} {label}"),
        Exit("only_b", "Only in mode b", when="mode=b", short="b"),
        Exit("failure", "Failure", kind="failure"),
    )


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (None, True),
        ("text", True),
        ("empty", False),
        ("missing", False),
        ("!empty", True),
        ("!text", False),
        ("text=x", True),
        ("text=y", False),
        ("text=y,x", True),
        ("on=true", True),
        ("on=false", False),
        ("number=3", True),
        ("empty or text", True),
        ("text and empty", False),
        ("text=x and on=true", True),
        ("missing=None", True),
    ],
)
def test_when_a_field_or_an_exit_shows(when: str | None, holds: bool) -> None:
    assert shows(when, {"text": "x", "empty": "", "on": True, "number": 3}) == holds


def test_exits_are_drawn_from_plain_settings() -> None:
    rules: list[Any] = [
        {"id": "1", "key": "7", "label": "Paid"},
        {"id": "2"},
        {"id": "3", "label": None, "key": ""},
        {"id": ""},
        {"label": "no id"},
        "odd",
    ]
    drawn = Route.drawn_exits({"rules": rules, "mode": "b"})
    assert drawn == [
        DrawnExit("rule:1", "7 Paid", "normal", "7 Paid"),
        DrawnExit("rule:2", "2", "normal", "2"),
        DrawnExit("rule:3", "3", "normal", "3"),
        DrawnExit("only_b", "Only in mode b", "normal", "b"),
        DrawnExit("failure", "Failure", "failure", "Failure"),
    ]
    for odd in ({}, {"rules": None}, {"rules": {"id": "1"}}, {"rules": "x"}):
        assert [exit.name for exit in Route.drawn_exits(odd)] == ["failure"]


def test_a_placed_applet_knows_the_kinds_of_its_exits_with_defaults_filled_in() -> None:
    placed = PlacedApplet("r", "route", "R", {}, applet=Route(RouteSettings(rules=[Item(id="1")])))
    assert placed.exit_kinds() == {"rule:1": "normal", "failure": "failure"}
    assert placed.exit_kinds() is placed.exit_kinds()
    assert PlacedApplet("r", "gone", "R", {}).exit_kinds() == {}


def test_a_type_describes_itself() -> None:
    data = Route.describe()
    assert data["help"] == "Goes one way or another."
    assert (data["type"], data["title"], data["family"], data["version"]) == ("route", "Route", "route", 1)
    assert data["uses"] == ["Gather"] and data["channels"] == ["calls"]
    assert data["exits"][0] == {
        "each": True, "path": "rules", "prefix": "rule", "name": "id", "label": "{key} {label}", "kind": "normal",
    }  # fmt: skip
    assert data["exits"][1]["when"] == "mode=b" and data["exits"][2]["kind"] == "failure"
    assert set(data["schema"]["properties"]) == {"rules", "mode", "prompt"}


def test_what_a_type_does_unless_it_says_otherwise() -> None:
    applet = Route(RouteSettings(prompt=Prompt(text="Dear $(Name)")))
    assert applet.reads() == {"Name"} and applet.writes() == applet.secrets() == set() and applet.check() == []
    assert Route.lift({"a": 1}, 1) == {"a": 1}
    call = CallView(Plan("p", "v"), CallState("p", "v"), 1.0)
    applet.cut_off(call, "hung_up")
    assert call.events == []
    with pytest.raises(NotImplementedError):
        applet.enter(call)
    with pytest.raises(NotImplementedError):
        applet.resume(call, Silence(1.0))


def test_a_register_has_each_type_once() -> None:
    register = Register()
    assert register.add(Route) is Route and register.add(Route) is Route
    assert register.get("route") is Route and register.get("gone") is None and register.all() == [Route]

    class Impostor(Route):
        pass

    with pytest.raises(ValueError, match="route"):
        register.add(Impostor)
