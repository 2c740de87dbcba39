"""The demo plan is whole, drawn without overlaps, free of problems, and loaded once."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from callplans import drafts, plans
from callplans.engine.applet import register
from callplans.models import Account, Connection, Mapping, Plan, Secret
from designer.sandbox.demo import DESTINATION, DRAFT, PAYMENT_LINE, draft

APPLETS = {applet["key"]: applet for applet in DRAFT["applets"]}
WIDTH, HEADER, SUMMARY, ROW, PADDING = 236, 50, 24, 24, 7


def exits(applet: dict[str, Any]) -> list[str]:
    return [exit.name for exit in register.get(applet["type"]).drawn_exits(applet["settings"])]


@pytest.mark.parametrize("name", [applet["name"] for applet in DRAFT["applets"]])
def test_every_applet_can_run_and_every_exit_is_wired(name: str) -> None:
    (applet,) = [applet for applet in DRAFT["applets"] if applet["name"] == name]
    register.get(applet["type"]).Settings.model_validate(applet["settings"])
    wired = {wire["exit"]: wire["target"] for wire in DRAFT["wires"] if wire["source"] == applet["key"]}
    assert set(wired) == set(exits(applet))
    assert all(target is None or target in APPLETS for target in wired.values())
    kinds = {exit.name: exit.kind for exit in register.get(applet["type"]).drawn_exits(applet["settings"])}
    hangs_up = applet["name"] == "Fetch the result"
    assert hangs_up or all(wired[exit] is not None for exit, kind in kinds.items() if kind == "failure")


def test_cards_lie_on_the_grid_and_do_not_overlap() -> None:
    boxes = []
    for applet in DRAFT["applets"]:
        assert applet["x"] % 20 == applet["y"] % 20 == 0
        height = HEADER + SUMMARY + ROW * len(exits(applet)) + PADDING
        boxes.append((applet["name"], applet["x"], applet["y"], applet["x"] + WIDTH, applet["y"] + height))
    for (one, left, top, right, bottom), (other, l2, t2, r2, b2) in combinations(boxes, 2):
        apart = right + 40 <= l2 or r2 + 40 <= left or bottom + 20 <= t2 or b2 + 20 <= top
        assert apart, f"{one} lies on {other}"


def test_a_copy_is_ones_own() -> None:
    draft()["applets"][0]["settings"]["prompt"]["text"] = "changed"
    assert draft() == DRAFT


@pytest.fixture
def loaded(db: None, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("demo")
    return capsys.readouterr().out


def test_it_says_what_it_does(loaded: str) -> None:
    for part in ("Harbour Water", "owner", "#(PayKey)", PAYMENT_LINE, "Vonage (demo)", DESTINATION, "version 1"):
        assert part in loaded
    assert "sandbox-pay-key" not in loaded


def test_the_plan_has_no_problem_at_all(loaded: str) -> None:
    plan = Plan.objects.select_related("draft", "live").get()
    assert [problem.to_json() for problem in plans.check(plan.draft)] == []
    assert plan.live.number == 1
    assert plan.live.note


def test_what_is_loaded_is_what_is_written_here(loaded: str) -> None:
    shown = plans.draft_json(Plan.objects.get())
    assert shown["version"] == DRAFT["version"]
    assert {applet["key"]: applet for applet in shown["applets"]} == APPLETS
    wires = {(wire["source"], wire["exit"]): wire["target"] for wire in DRAFT["wires"]}
    assert {(wire["source"], wire["exit"]): wire["target"] for wire in shown["wires"]} == wires


def test_the_owner_has_no_password_and_the_connection_a_key_of_its_own(loaded: str) -> None:
    owner = get_user_model().objects.get()
    assert not owner.has_usable_password()
    assert owner.is_superuser
    assert owner.memberships.get().role == "owner"
    connection = Connection.objects.get()
    assert len(connection.secrets["signature_secret"]) >= 32
    assert Mapping.objects.get().live_plan == Plan.objects.get()


def test_outside_the_embedded_install_nobody_becomes_superuser(db: None, settings: Any) -> None:
    settings.EMBEDDED = False
    call_command("demo", verbosity=0)
    owner = get_user_model().objects.get()
    assert not owner.is_superuser
    assert not owner.is_staff


def test_a_second_start_touches_nothing(loaded: str, capsys: pytest.CaptureFixture[str]) -> None:
    plan = Plan.objects.get()
    secret = Connection.objects.get().secrets
    rename = {"id": str(plan.pk), "op": "rename", "key": DRAFT["applets"][0]["key"], "name": "Hello"}
    drafts.apply(plan, get_user_model().objects.get(), plan.draft.revision, [rename])
    Secret.objects.all().delete()
    call_command("demo")
    assert "nothing changed" in capsys.readouterr().out
    assert Account.objects.count() == Plan.objects.count() == 1
    assert not Secret.objects.exists()
    assert Connection.objects.get().secrets == secret
    names = [applet["name"] for applet in plans.draft_json(Plan.objects.get())["applets"]]
    assert "Hello" in names
