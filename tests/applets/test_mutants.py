"""The cases must be able to fail: each mutant planted here makes at least one case of its applet fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest

from callplans.engine import gathering
from callplans.engine.applet import Applet, ExitPerItem, register
from callplans.engine.call import CallView
from callplans.engine.masking import set_masking
from tests.applets.running import cases_of, run_case

TYPES = register.all()


def notices(cls: type[Applet[Any]]) -> bool:
    """Whether a case of this type fails now."""
    cases = cases_of(cls.type)
    assert cases
    return any(run_case(cls, case).to_json() != case["expect"] for case in cases)


def _exit_names(cls: type[Applet[Any]]) -> list[str]:
    return [f"{exit.prefix}:" if isinstance(exit, ExitPerItem) else exit.name for exit in cls.exits]


SWAPS = [(cls, a, b) for cls in TYPES for a, b in combinations(_exit_names(cls), 2)]


def test_without_a_mutant_no_case_fails() -> None:
    assert [cls.type for cls in TYPES if notices(cls)] == []


@pytest.mark.parametrize(("cls", "a", "b"), SWAPS, ids=lambda part: part if isinstance(part, str) else part.type)
def test_swapped_exits_are_noticed(cls: type[Applet[Any]], a: str, b: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(method: Callable[..., Any]) -> Callable[..., Any]:
        def instead(self: Applet[Any], call: CallView, *heard: Any) -> Any:
            answer = method(self, call, *heard)
            if not isinstance(answer, str):
                return answer
            drawn = [exit.name for exit in type(self).drawn_exits(self.settings.model_dump())]
            first = next((name for name in drawn if name == a or (a.endswith(":") and name.startswith(a))), answer)
            if answer == a or (a.endswith(":") and answer.startswith(a)):
                return b
            return first if answer == b else answer

        return instead

    for name in ("enter", "resume"):
        monkeypatch.setattr(cls, name, swapped(getattr(cls, name)))
    assert notices(cls)


SPEAKING = [cls for cls in TYPES if cls.family in ("speak", "ask")]


@pytest.mark.parametrize("cls", SPEAKING, ids=lambda cls: cls.type)
def test_dropped_speech_is_noticed(cls: type[Applet[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CallView, "say", lambda *_, **__: None)
    monkeypatch.setattr(CallView, "sound", lambda *_, **__: None)
    assert notices(cls)


@pytest.fixture
def _unmasked() -> Iterator[None]:
    set_masking(False)
    yield
    set_masking(True)


@pytest.mark.usefixtures("_unmasked")
@pytest.mark.parametrize("type", ["announcement", "announcer"])
def test_masking_switched_off_is_noticed(type: str) -> None:
    cls = register.get(type)
    assert cls is not None
    assert notices(cls)


def _setting(**forced: Any) -> Callable[..., None]:
    """`CallView.set` that forgets something."""
    honest = CallView.set

    def forgets(self: CallView, key: str, value: str | None, sealed: bool = False, collected: bool = False) -> None:
        honest(self, key, value, **{"sealed": sealed, "collected": collected, **forced})

    return forgets


@pytest.mark.parametrize("type", ["collect_input", "collect_digit", "set_data_source"])
def test_a_sealed_value_kept_openly_is_noticed(type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cls = register.get(type)
    assert cls is not None
    monkeypatch.setattr(CallView, "set", _setting(sealed=False))
    assert notices(cls)


@pytest.mark.parametrize("type", ["menu", "collect_input", "collect_digit", "set_data_source"])
def test_what_was_keyed_and_does_not_count_as_keyed_is_noticed(type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cls = register.get(type)
    assert cls is not None
    monkeypatch.setattr(CallView, "set", _setting(collected=False))
    assert notices(cls)


@pytest.mark.parametrize("type", ["menu", "collect_input", "collect_digit"])
def test_a_miscount_is_noticed(type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cls = register.get(type)
    assert cls is not None
    honest = gathering.counted
    for module in (gathering, __import__("callplans.applets.menu", fromlist=["menu"])):
        monkeypatch.setattr(module, "counted", lambda call, what, most: honest(call, what, most + 1))
    assert notices(cls)


def test_a_payment_leg_that_is_not_private_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    cls = register.get("pci_transfer")
    assert cls is not None
    module = __import__(cls.__module__, fromlist=["Dial"])
    honest = module.Dial
    monkeypatch.setattr(module, "Dial", lambda **said: honest(**{**said, "private": False}))
    assert notices(cls)
