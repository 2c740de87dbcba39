from __future__ import annotations

import pytest

from callplans.engine.adapter import TERMINAL, Adapter, AdapterRegister, Hook, Leg, Links


class Pigeon(Adapter):
    provider, title = "pigeon", "Carrier pigeon"


def test_a_register_gives_one_adapter_for_a_provider() -> None:
    register = AdapterRegister()
    assert register.add(Pigeon) is Pigeon
    adapter = register.get("pigeon")
    assert isinstance(adapter, Pigeon) and register.get("dove") is None and register.all() == [adapter]


def test_what_an_adapter_must_say_for_itself() -> None:
    adapter, hook, links = Pigeon(), Hook("POST", "https://x.example/"), Links()
    for ask in (
        lambda: adapter.check(hook, {}, {}),
        lambda: adapter.start(hook),
        lambda: adapter.event(hook),
        lambda: adapter.read(hook, None, {}, links),
        lambda: adapter.reply([], links, {}),
        lambda: adapter.hold([], links, {}),
        lambda: adapter.carry_on(),
        lambda: adapter.act(None, Leg("1"), {}),
    ):
        with pytest.raises(NotImplementedError):
            ask()
    assert adapter.can == {} and adapter.hold_after == 2.0


def test_terminal_states_do_not_hold_a_beginning() -> None:
    assert not TERMINAL & {"initiated", "ringing", "answered"} and "completed" in TERMINAL
