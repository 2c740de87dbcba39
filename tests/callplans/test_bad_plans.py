"""Plans nobody should draw: what is refused where it is drawn, what is said beside the canvas, how a call on it ends.

A call is played on every one of them that can be stored: it always ends, in the engine's limits, and in words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from callplans import drafts, plans
from callplans.engine.checks.graph import Graph
from callplans.engine.story import Answer, DialOutcome, Story, tell
from callplans.models import PaymentLine, PlacedApplet, Plan, PlanVersion
from callplans.operations import Invalid
from tests.callplans.people import People, applet, make_people, menu, op, place, say, wire

pytestmark = pytest.mark.django_db

Drawn = list[dict[str, Any]]


@dataclass
class Bad:
    """`refused`: (end of the path, code) where drawing it is refused; else `problems`: the codes it must be told with,
    those of errors first, and `ends`: why a call on it ends."""

    name: str
    draw: Callable[[], Drawn]
    refused: tuple[str, str] | None = None
    problems: tuple[str, ...] = ()
    ends: str = ""
    does: tuple[str, ...] = ()


def begin(first: dict[str, Any]) -> dict[str, Any]:
    return op("set_plan", field="initial", value=first["key"])


def alone(one: dict[str, Any], *exits: str) -> Drawn:
    """One applet where calls begin; these exits are meant to end."""
    return [*place(one), begin(one), *(wire(one, exit, None) for exit in exits)]


def ring(*applets: dict[str, Any], exit: str = "next") -> Drawn:
    """Each leads to the next, the last to the first."""
    wires = [wire(one, exit, two) for one, two in zip(applets, (*applets[1:], applets[0]), strict=True)]
    return [*place(*applets), *wires, begin(applets[0])]


def connector(url: str = "http://billing.example/a", **request: Any) -> dict[str, Any]:
    asked = {"method": "GET", "url": url, "headers": [], "body": ""} | request
    return applet("data_connector", "Fetch", request=asked, response={"type": "JSON", "fields": []})


def header(key: str, value: str) -> list[dict[str, str]]:
    return [{"id": "h", "key": key, "value": value}]


def setter(name: str, source: str, value: str) -> dict[str, Any]:
    return applet("set_data_source", name, rows=[{"id": "r", "name": source, "value": value}])


def router(name: str = "Route", **rule: Any) -> dict[str, Any]:
    made = {"id": "r", "label": "yes", "source": "X", "datatype": "text", "operator": "equals", "value": "1"} | rule
    return applet("data_router", name, rules=[made])


def choice(id: str, key: str, label: str = "x") -> dict[str, str]:
    return {"id": id, "key": key, "label": label}


def unreachable() -> Drawn:
    lost = say("Lost.", name="Lost")
    return [*alone(say("Hello."), "next"), *place(lost), wire(lost, "next", None)]


def sealed_then_spoken(what: str) -> Drawn:
    asked = applet("collect_input", "Pin", prompt={"text": "Pin?"}, most=4, to_source=True, secure=True, source="Pin")
    copied, told = setter("Copy", "Plain", "$(Pin)"), say(f"You said $({what}).")
    return [
        *place(asked, copied, told), begin(asked), wire(asked, "next", copied), wire(asked, "no_input", None),
        wire(copied, "next", told), wire(told, "next", None),
    ]  # fmt: skip


def transfer(number: str, clid: str = "+441632960700") -> Drawn:
    facts = setter("Facts", "Number", number)
    facts["settings"]["rows"].append({"id": "c", "name": "Shown", "value": clid})
    pay = applet("pci_transfer", "Pay", number="Number", clid="Shown")
    return [
        *place(facts, pay), begin(facts), wire(facts, "next", pay), wire(pay, "next", None), wire(pay, "failure", None)
    ]  # fmt: skip


def counted_loop() -> Drawn:
    """Good: it goes round only as long as the caller is asked."""
    ask, sorry = menu("1", name="Ask"), say("Once more.", name="Sorry")
    ends = [wire(ask, exit, None) for exit in ("key:1", "no_input")]
    return [*place(ask, sorry), begin(ask), wire(ask, "invalid", sorry), wire(sorry, "next", ask), *ends]


LONG = "x" * 2**20
REFUSED: list[Bad] = [
    Bad(
        "exit that is not there",
        lambda: [*alone(one := say("x")), wire(one, "nonesuch", None)],
        ("exit", "unknown_exit"),
    ),
    Bad(
        "wire to nowhere", lambda: [*alone(one := say("x")), wire(one, "next", say("y"))], ("target", "missing_applet")
    ),
    Bad("wire from nowhere", lambda: [wire(say("x"), "next", None)], ("source", "missing_applet")),
    Bad("start that is not there", lambda: [begin(say("x"))], ("value", "missing_applet")),
    Bad("key used twice", lambda: place(one := say("x"), one), ("applet.key", "duplicate_key")),
    Bad("key __proto__", lambda: place(say("x", key="__proto__")), ("applet.key", "uuid_parsing")),
    Bad("unknown type", lambda: place(applet("fax")), ("applet.type", "unknown_type")),
    Bad("type __proto__", lambda: place(applet("__proto__")), ("applet.type", "unknown_type")),
    Bad("future settings", lambda: place(say("x") | {"settings_version": 9}), ("settings_version", "too_new")),
    Bad("1 MiB name", lambda: place(say("x") | {"name": LONG}), ("applet.name", "string_too_long")),
    Bad("1 MiB text", lambda: place(say(LONG)), ("settings.prompt.text", "string_too_long")),
    Bad(
        "1 MiB label",
        lambda: place(applet("menu", choices=[choice("a", "1", LONG)])),
        ("choices.0.label", "string_too_long"),
    ),
    Bad("NaN for a place", lambda: place(say("x") | {"x": float("nan")}), ("applet.x", "finite_number")),
    Bad("1e400 for a place", lambda: place(say("x") | {"x": float("inf")}), ("applet.x", "finite_number")),
    Bad("time-out 0", lambda: place(menu("1", seconds=0)), ("settings.seconds", "greater_than_equal")),
    Bad("time-out 10**9", lambda: place(menu("1", seconds=10**9)), ("settings.seconds", "less_than_equal")),
    Bad("time-out as text", lambda: place(menu("1", seconds="5")), ("settings.seconds", "int_type")),
    Bad("* twice", lambda: place(menu("*", "*")), ("choices.1.key", "duplicate")),
    Bad("# twice", lambda: place(menu("#", "#")), ("choices.1.key", "duplicate")),
    Bad(
        "item ids twice",
        lambda: place(applet("menu", choices=[choice("a", "1"), choice("a", "2")])),
        ("choices.1.id", "duplicate"),
    ),
    Bad("a setting nobody knows", lambda: place(say("x", constructor=1)), ("settings.constructor", "extra_forbidden")),
    Bad(
        "regular expression",
        lambda: place(router(operator="matches", value="(a+)+$")),
        ("rules.0.operator", "literal_error"),
    ),
    Bad(
        "header with a line break",
        lambda: place(connector(headers=header("X", "a\r\nY: z"))),
        ("headers.0.value", "control_characters"),
    ),
    Bad(
        "address with a line break",
        lambda: place(connector("http://x/\r\nY: z")),
        ("request.url", "control_characters"),
    ),
    Bad("method TRACE", lambda: place(connector(method="TRACE")), ("request.method", "literal_error")),
    Bad(
        "10**5 rules",
        lambda: place(applet("data_router", rules=[{"id": str(n)} for n in range(10**5)])),
        ("settings.rules", "too_long"),
    ),
    Bad("2001 applets", lambda: place(*(say("x") for _ in range(2001))), ("operations", "too_many")),
]

STORED: list[Bad] = [
    Bad(
        "empty",
        lambda: [op("set_plan", field="apology", value="Sorry.")],
        problems=("empty_plan",),
        ends="missing_applet",
    ),
    Bad(
        "no start",
        lambda: [*place(one := say("x")), wire(one, "next", None)],
        problems=("no_initial",),
        ends="missing_applet",
    ),
    Bad("unreachable", unreachable, problems=("unreachable",), ends="end_of_plan"),
    Bad("dead end", lambda: alone(say("x")), problems=("open_exit",), ends="open_exit"),
    Bad("self loop", lambda: ring(say("Round.")), problems=("silent_loop",), ends="limit"),
    Bad(
        "cycle of routers",
        lambda: ring(router("A"), router("B"), exit="no_match"),
        problems=("silent_loop",),
        ends="limit",
    ),
    Bad(
        "cycle that grows a value",
        lambda: ring(setter("A", "X", "$(X)x"), setter("B", "X", "$(X)$(X)")),
        problems=("silent_loop",),
        ends="limit",
    ),
    Bad("cycle of web services", lambda: ring(connector(), exit="success"), problems=("silent_loop",), ends="limit"),
    Bad("counted loop", counted_loop, does=("2", "2", "1"), ends="end_of_plan"),
    Bad(
        "menu without choices",
        lambda: alone(menu(), "no_input", "invalid"),
        problems=("incomplete",),
        ends="incomplete",
    ),
    Bad("nothing to say", lambda: alone(say(""), "next"), problems=(), ends="end_of_plan"),
    Bad(
        "item ids __proto__",
        lambda: alone(
            applet("menu", prompt={"text": "?"}, choices=[choice("__proto__", "1"), choice("constructor", "2")]),
            "key:1",
            "key:2",
            "no_input",
            "invalid",
        ),
        ends="end_of_plan",
    ),
    Bad(
        "names as markup", lambda: alone(say("<script>", name="<script>alert(1)</script>"), "next"), ends="end_of_plan"
    ),
    Bad(
        "marks and controls",
        lambda: alone(say("\u202eabc\x07\x1b[31m", name="\u202e\u200f\x07"), "next"),
        ends="end_of_plan",
    ),
    Bad(
        "sources __proto__",
        lambda: [
            *place(a := setter("A", "__proto__", "x"), b := say("$(__proto__) $(constructor)")),
            begin(a),
            wire(a, "next", b),
            wire(b, "next", None),
        ],
        problems=("never_set",),
        ends="end_of_plan",
    ),
    Bad("placeholders cut off", lambda: alone(say("$( $() #( #() $(a|b $$(a) " * 50), "next"), ends="end_of_plan"),
    Bad(
        "address file:",
        lambda: alone(connector("file:///etc/passwd"), "success", "interface_failure"),
        problems=("bad_address",),
        ends="end_of_plan",
    ),
    Bad(
        "address gopher:",
        lambda: alone(connector("gopher://x/"), "success", "interface_failure"),
        problems=("bad_address",),
        ends="end_of_plan",
    ),
    Bad(
        "address with a user",
        lambda: alone(connector("http://u:p@x.example/"), "success", "interface_failure"),
        problems=("bad_address",),
        ends="end_of_plan",
    ),
    Bad(
        "unknown setting",
        lambda: alone(connector(headers=header("X", "#(Nope)")), "success", "interface_failure"),
        problems=("unknown_secret",),
        ends="end_of_plan",
    ),
    Bad(
        "sealed, spoken",
        lambda: sealed_then_spoken("Pin"),
        problems=("sealed_spoken",),
        does=("1234",),
        ends="end_of_plan",
    ),
    Bad("sealed, copied, spoken", lambda: sealed_then_spoken("Plain"), does=("1234",), ends="end_of_plan"),
    Bad(
        "transfer to a premium number",
        lambda: transfer("+449098790000"),
        problems=("payment_not_a_line",),
        ends="end_of_plan",
    ),
    Bad("transfer to 999", lambda: transfer("999"), problems=("payment_not_a_line",), ends="end_of_plan"),
    Bad("transfer to nothing", lambda: transfer(""), problems=("payment_not_a_line",), ends="end_of_plan"),
    Bad(
        "transfer shown as a stranger",
        lambda: transfer("+441632960900", "+447700900999"),
        problems=("payment_not_a_clid",),
        ends="end_of_plan",
    ),
    Bad(
        "no numbers to ring",
        lambda: alone(applet("ccr", numbers=[]), "not_connected"),
        problems=("incomplete",),
        ends="incomplete",
    ),
]


@pytest.fixture
def people() -> People:
    made = make_people()
    PaymentLine.objects.create(
        account=made.account, number="+441632960900", name="Payments", caller_ids=["+441632960700"]
    )
    return made


@pytest.mark.parametrize("bad", REFUSED, ids=[bad.name for bad in REFUSED])
def test_what_cannot_be_drawn(people: People, bad: Bad) -> None:
    assert bad.refused is not None
    plan = drafts.create(people.account, people.owner, "Bad")
    with pytest.raises(Invalid) as refusal:
        drafts.apply(plan, people.owner, 0, bad.draw())
    told = {(field.path, field.code) for field in refusal.value.fields}
    assert any(path.endswith(bad.refused[0]) and code == bad.refused[1] for path, code in told), told
    assert PlacedApplet.objects.count() == 0
    assert PlanVersion.objects.get(pk=plan.draft_id).revision == 0
    drafts.apply(plan, people.owner, 0, alone(say("Still usable."), "next"))


@pytest.mark.parametrize("bad", STORED, ids=[bad.name for bad in STORED])
def test_what_is_told_beside_the_canvas_and_how_its_calls_end(people: People, bad: Bad) -> None:
    plan = drafts.create(people.account, people.owner, "Bad")
    drafts.apply(plan, people.owner, 0, bad.draw())
    found = plans.opened(draft_of(plan))
    problems = found.problems()
    codes = {problem.code for problem in problems}
    assert set(bad.problems) <= codes, codes
    if not bad.problems:
        assert not [p.words for p in problems if p.grade == "error"]
    assert all(problem.words and "{" not in problem.words for problem in problems)
    if any(problem.grade == "error" for problem in problems):
        with pytest.raises(drafts.NotReady):
            drafts.publish(plan, people.owner, accept_open_exits=True)
    story = Story(
        does=list(bad.does), services={"Fetch": [Answer(200, values=[])]}, dials={"Pay": [DialOutcome("no_answer")]}
    )
    told = tell(found.engine, story)
    assert told.ended == bad.ends
    assert told.state.total <= 1000
    if bad.ends not in ("end_of_plan", "open_exit"):
        assert told.said, "the caller is told something"
    assert not any("1234" in words for words in told.said)


def draft_of(plan: Plan) -> PlanVersion:
    return PlanVersion.objects.select_related("plan__draft", "plan__live").get(pk=plan.draft_id)


def test_a_plan_of_another_account_cannot_be_wired_to(people: People) -> None:
    theirs = drafts.create(people.other_account, people.stranger, "Theirs")
    there = say("There.")
    drafts.apply(theirs, people.stranger, 0, place(there))
    plan = drafts.create(people.account, people.owner, "Ours")
    with pytest.raises(Invalid) as refusal:
        drafts.apply(plan, people.owner, 0, [*place(one := say("x")), wire(one, "next", there)])
    assert refusal.value.fields[0].code == "missing_applet"


def test_a_type_that_is_gone(people: People) -> None:
    """It opens with its settings, can be moved, renamed and removed, not changed; a call that comes there ends."""
    plan = drafts.create(people.account, people.owner, "Old")
    hello, gone = say("Hello."), say("Fax.", name="Fax")
    batch = [*place(hello, gone), wire(hello, "next", gone), wire(gone, "next", None), begin(hello)]
    drafts.apply(plan, people.owner, 0, batch)
    PlacedApplet.objects.filter(key=gone["key"]).update(type="fax", settings={"tray": 5}, settings_version=7)
    found = plans.opened(draft_of(plan))
    assert [(p.code, p.applet) for p in found.problems()] == [("unknown_type", gone["key"])]
    assert found.drawing.applets[gone["key"]]["settings"] == {"tray": 5}
    told = tell(found.engine, Story())
    assert told.ended == "incomplete"
    assert told.said[0] == "Hello." and len(told.said) == 2
    with pytest.raises(Invalid, match="no longer exists"):
        drafts.apply(plan, people.owner, 1, [op("set", key=gone["key"], path=["tray"], value=6)])
    moved = [op("move", key=gone["key"], x=1, y=2), op("rename", key=gone["key"], name="Old fax")]
    drafts.apply(plan, people.owner, 1, moved)
    with pytest.raises(drafts.NotReady):
        drafts.publish(plan, people.owner, accept_open_exits=True)
    drafts.apply(plan, people.owner, 2, [op("remove", key=gone["key"]), wire(hello, "next", None)])
    assert drafts.publish(plan, people.owner).number == 1


def test_a_thousand_applets_full_of_loops_are_checked_in_few_visits(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each exit leads anywhere, and every applet reads what another one sets."""
    rnd, batch = Random(1), []
    applets = [
        menu(*"123456789", name=f"M{n}") if n % 2 else setter(f"S{n}", f"V{n}", f"$(V{rnd.randrange(1000)})")
        for n in range(1000)
    ]
    for n, one in enumerate(applets):
        exits = [f"key:{key}" for key in "123456789"] if n % 2 else ["next"]
        following = [applets[(n + 1) % 1000], *(rnd.choice(applets) for _ in exits[1:])]
        batch += [wire(one, exit, to) for exit, to in zip(exits, following, strict=True)]
    plan = drafts.create(people.account, people.owner, "Loops")
    drafts.apply(plan, people.owner, 0, place(*applets))
    for at in range(0, len(batch), 4000):
        drafts.apply(plan, people.owner, at // 4000 + 1, batch[at : at + 4000])
    drafts.apply(plan, people.owner, len(batch) // 4000 + 2, [begin(applets[0])])

    visits = 0
    flow = Graph.flow

    def counted(self: Graph, start: Any, along: Any, every: bool = False) -> Any:
        def seen(edge: Any, here: int) -> int:
            nonlocal visits
            visits += 1
            return int(along(edge, here))

        return flow(self, start, seen, every)

    monkeypatch.setattr(Graph, "flow", counted)
    assert plans.opened(draft_of(plan)).problems()
    assert visits <= 40 * len(batch)
