"""Checks: each finds what it is for, leaves a plan without it alone, and its quick fix removes it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callplans.engine.checks import Problem, World, check_plan
from callplans.engine.checks.words import CATALOGUE
from tests.engine.plans import applied, ask, collect, connect, draft, menu, pay, plan_of, put, route, say

Drawing = dict[str, Any]


def found(drawing: Drawing, world: World | None = None) -> list[Problem]:
    return check_plan(plan_of(drawing), world or World())


def codes(drawing: Drawing, world: World | None = None) -> list[str]:
    return [problem.code for problem in found(drawing, world)]


def only(code: str, drawing: Drawing, world: World | None = None) -> Problem:
    """The one problem with this code; every code of the catalogue says something."""
    matching = [problem for problem in found(drawing, world) if problem.code == code]
    assert len(matching) == 1, [problem.to_json() for problem in found(drawing, world)]
    problem = matching[0]
    assert problem.grade == CATALOGUE[code][0]
    assert "{" not in problem.words
    return problem


def fixed(drawing: Drawing, problem: Problem, world: World | None = None) -> Drawing:
    """The drawing with the quick fix carried out; the problem, and its kin at that place, are gone."""
    assert problem.fix is not None
    assert problem.fix.label
    after = applied(drawing, problem.fix.operations)
    left = [(p.code, p.applet, p.field, p.exit) for p in found(after, world)]
    assert (problem.code, problem.applet, problem.field, problem.exit) not in left
    for other in problem.also:
        left = [(p.code, p.applet, p.field, p.exit) for p in found(applied(drawing, other.operations), world)]
        assert (problem.code, problem.applet, problem.field, problem.exit) not in left
    return after


END = {"next": None}
FINE = draft({"Hello": say()}, {"Hello": END})


def test_a_good_plan_has_no_problems() -> None:
    assert found(FINE) == []


# ---- where it begins ------------------------------------------------------------------------------------------------


def test_an_empty_plan() -> None:
    assert codes(draft({})) == ["empty_plan"]


def test_no_initial_applet() -> None:
    drawing = draft({"Second": say(), "First": say()}, {"First": {"next": "Second"}, "Second": END}, initial=None)
    problem = only("no_initial", drawing)
    assert problem.fix and problem.fix.label == "Begin with “First”"
    assert found(fixed(drawing, problem)) == []


def test_an_initial_applet_that_is_gone() -> None:
    drawing = draft({"Hello": say()}, {"Hello": END}, initial="Gone")
    assert found(fixed(drawing, only("initial_gone", drawing))) == []


def test_a_hangup_applet_that_is_gone() -> None:
    drawing = draft({"Hello": say()}, {"Hello": END}, hangup="Gone")
    assert found(fixed(drawing, only("hangup_gone", drawing))) == []


# ---- names and types ------------------------------------------------------------------------------------------------


def test_two_applets_of_one_name() -> None:
    drawing = draft({"A": say(), "B": say()}, {"A": {"next": "B"}, "B": END})
    drawing["applets"]["B"]["name"] = " a "
    problem = only("same_name", drawing)
    assert problem.applet == "B"
    after = fixed(drawing, problem)
    assert after["applets"]["B"]["name"] == "a 2"
    assert found(after) == []


def test_an_applet_without_a_name() -> None:
    drawing = draft({"A": say()}, {"A": END})
    drawing["applets"]["A"]["name"] = "  "
    after = fixed(drawing, only("no_name", drawing))
    assert after["applets"]["A"]["name"] == "Announcement 1"


def test_a_type_that_is_gone_keeps_its_wires_and_is_reported() -> None:
    drawing = draft(
        {"A": say(), "Old": ("fax", {"x": 1}), "B": say()}, {"A": {"next": "Old"}, "Old": {"sent": "B"}, "B": END}
    )
    problem = only("unknown_type", drawing)
    assert (problem.applet, problem.grade) == ("Old", "error")
    assert "unreachable" not in codes(drawing), "what comes behind it is not blamed"
    fixed(drawing, problem)


@pytest.mark.parametrize(
    ("applet", "fields"),
    [
        (("menu", {}), {"choices": "“Options” is not filled in."}),
        (("menu", {"choices": []}), {"choices": "“Options” needs at least 1."}),
        (("menu", {"choices": [{"id": "a"}]}), {"choices.0.key": "“Options 1 Key” is not filled in."}),
        (("menu", {"choices": [{"id": "a", "key": "x"}]}), {"choices.0.key": None}),
        (("data_connector", {}), {"request.url": "“Request: Address” is not filled in."}),
        (ask(" "), {"request.url": "“Request Address” is not filled in."}),
        (ask(fields={"": "a", "B": ""}), {"response.fields.0.destination": None, "response.fields.1.locator": None}),
        (("pci_transfer", {"number": ""}), {"number": None, "clid": None}),
        (("collect_input", {"most": 99, "slot": "A"}), {"most": None}),
        (("set_data_source", {"rows": [{"id": "a", "name": " "}]}), {"rows.0.name": None}),
    ],
)
def test_incomplete_settings_are_reported_field_by_field(applet: Any, fields: dict[str, str | None]) -> None:
    problems = [p for p in found(draft({"A": applet})) if p.code == "incomplete"]
    assert {p.field for p in problems} == set(fields)
    for problem in problems:
        assert (problem.applet, problem.grade) == ("A", "error")
        assert problem.words.startswith("“")
        assert fields[str(problem.field)] in (None, problem.words)


def test_complete_settings_are_not() -> None:
    assert "incomplete" not in codes(draft({"A": menu("1")}))


def test_settings_of_a_newer_version_say_so() -> None:
    plan = plan_of(FINE)
    plan.applets["Hello"].applet = None
    plan.applets["Hello"].trouble = "The settings were made by a newer version."
    problem = next(p for p in check_plan(plan, World()) if p.code == "incomplete")
    assert problem.words == "The settings were made by a newer version."


def test_applets_own_checks_are_heard() -> None:
    problem = next(p for p in found(draft({"A": say("")}, {"A": END})) if p.code == "silent")
    assert (problem.applet, problem.field) == ("A", "prompt")


# ---- wires ----------------------------------------------------------------------------------------------------------


def test_unreachable_applets() -> None:
    drawing = draft({"A": say(), "Lost": say(), "Behind": say()}, {"A": END, "Lost": {"next": "Behind"}})
    assert [p.applet for p in found(drawing) if p.code == "unreachable"] == ["Lost", "Behind"]
    problem = next(p for p in found(drawing) if p.applet == "Lost")
    fixed(drawing, problem)
    drawing["wires"]["A"] = {"next": "Lost"}
    assert "unreachable" not in codes(drawing)


def test_what_the_hangup_applet_reaches_is_reachable() -> None:
    drawing = draft(
        {"A": say(), "Bye": put(X="1"), "More": put(Y="2")},
        {"A": END, "Bye": {"next": "More"}, "More": END},
        hangup="Bye",
    )
    assert found(drawing) == []


def test_open_exits_come_with_a_way_out() -> None:
    drawing = draft(
        {"Ask": menu("1", "2"), "Hello": say(), "Sorry": say("We are sorry.")},
        {"Ask": {"key:1": "Hello"}, "Hello": END, "Sorry": END},
    )
    drawing["wires"]["Ask"]["key:2"] = "Sorry"
    problems = [p for p in found(drawing) if p.code == "open_exit"]
    assert [p.exit for p in problems] == ["no_input", "invalid"]
    assert problems[0].fix and problems[0].fix.label == "Send to “Sorry”"
    assert [fix.label for fix in problems[0].also] == ["Meant to end here"]
    assert problems[0].words == "“No input” leads nowhere: the call ends there."
    after = fixed(drawing, problems[0])
    assert after["wires"]["Ask"]["no_input"] == "Sorry"


def test_failure_exits_come_first_and_end_exits_not_at_all() -> None:
    drawing = draft({"Agents": connect("+442079460001"), "Read": ("announcer", {"kind": "text", "text": "Hi"})})
    drawing["wires"]["Agents"] = {"not_connected": "Read"}
    assert [(p.applet, p.exit) for p in found(drawing) if p.code == "open_exit"] == [
        ("Read", "failure"),
        ("Read", "next"),
    ]
    labels = [p.fix.label for p in found(drawing) if p.code == "open_exit" and p.fix]
    assert labels == ["Meant to end here", "Meant to end here"], "not to itself, though it speaks"


def test_a_plan_without_apologies_sends_failures_where_others_go() -> None:
    drawing = draft(
        {"One": ask(), "Two": ask(), "Agents": connect("+442079460001")},
        {
            "One": {"success": "Two", "interface_failure": "Agents"},
            "Two": {"success": None},
            "Agents": {"not_connected": None},
        },
    )
    problem = only("open_exit", drawing)
    assert problem.fix and problem.fix.label == "Send to “Agents”"
    fixed(drawing, problem)


def test_exits_meant_to_end_are_not_open() -> None:
    assert "open_exit" not in codes(FINE)


def test_orphan_wires() -> None:
    drawing = draft(
        {"Ask": menu("1"), "A": say()},
        {"Ask": {"key:1": "A", "key:9": "A", "no_input": None, "invalid": None}, "A": END},
    )
    problem = only("orphan_wire", drawing)
    assert (problem.applet, problem.exit) == ("Ask", "key:9")
    assert found(fixed(drawing, problem)) == []


@pytest.mark.parametrize("wires", [{"A": {"next": "Gone"}}, {"A": END, "Gone": {"next": "A"}}])
def test_broken_wires(wires: dict[str, Any]) -> None:
    drawing = draft({"A": say()}, wires)
    fixed(drawing, only("broken_wire", drawing))


# ---- loops ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "drawing",
    [
        draft({"A": say()}, {"A": {"next": "A"}}),
        draft(
            {"A": say(), "B": put(X="1"), "C": route("X", "1")},
            {"A": {"next": "B"}, "B": {"next": "C"}, "C": {"rule:r0": "A", "no_match": None}},
        ),
        draft({"A": ask()}, {"A": {"success": "A", "interface_failure": None}}),
        draft({"A": connect("+442079460001")}, {"A": {"not_connected": "A"}}),
        draft(
            {"M": menu("1"), "A": say(), "B": say()},
            {"M": {"key:1": "A", "no_input": None, "invalid": None}, "A": {"next": "B"}, "B": {"next": "A"}},
        ),
        draft({"P": pay()}, {"P": {"failure": "P", "next": None}}),
    ],
)
def test_loops_that_never_ask_the_caller(drawing: Drawing) -> None:
    problem = only("silent_loop", drawing)
    assert problem.grade == "error"
    assert "“" in problem.words


@pytest.mark.parametrize(
    "drawing",
    [
        draft(
            {"A": say(), "M": menu("1")}, {"A": {"next": "M"}, "M": {"key:1": "A", "no_input": "A", "invalid": None}}
        ),
        draft({"A": collect("X"), "B": say()}, {"A": {"next": "B", "no_input": None}, "B": {"next": "A"}}),
        draft({"P": pay(), "A": say()}, {"P": {"next": "A", "failure": None}, "A": {"next": "P"}}),
        draft({"A": say(), "B": say(), "C": say()}, {"A": {"next": "B"}, "B": {"next": "C"}, "C": END}),
        draft({"Old": ("fax", {}), "A": say()}, {"Old": {"x": "A"}, "A": {"next": "Old"}}),
    ],
)
def test_loops_that_ask_are_fine(drawing: Drawing) -> None:
    assert "silent_loop" not in codes(drawing)


def test_two_loops_are_two_problems() -> None:
    drawing = draft(
        {"M": menu("1", "2"), "A": say(), "B": say(), "C": say(), "D": say()},
        {
            "M": {"key:1": "A", "key:2": "C"},
            "A": {"next": "B"},
            "B": {"next": "A"},
            "C": {"next": "D"},
            "D": {"next": "C"},
        },
    )
    assert [(p.applet, p.words.split(":")[0]) for p in found(drawing) if p.code == "silent_loop"] == [
        ("A", "“A”, “B”"),
        ("C", "“C”, “D”"),
    ]


def test_a_long_loop_names_its_first_applets() -> None:
    names = [f"N{n}" for n in range(9)]
    drawing = draft(
        {name: say() for name in names}, {name: {"next": names[(n + 1) % 9]} for n, name in enumerate(names)}
    )
    assert only("silent_loop", drawing).words.startswith("“N0”, “N1”, “N2”, “N3” and 5 more:")


def test_the_hangup_plan_needs_nobody() -> None:
    drawing = draft(
        {"A": say(), "Ask": menu("1")},
        {"A": END, "Ask": {"key:1": None, "no_input": None, "invalid": None}},
        hangup="Ask",
    )
    assert only("hangup_needs_caller", drawing).applet == "Ask"
    drawing["wires"]["A"] = {"next": "Ask"}
    assert "hangup_needs_caller" not in codes(drawing), "calls come here too"


# ---- data sources ---------------------------------------------------------------------------------------------------


def read(name: str) -> tuple[str, dict[str, Any]]:
    return say(f"It is $({name}).")


def test_a_data_source_nobody_sets() -> None:
    drawing = draft({"A": read("Balance")}, {"A": END})
    problem = only("never_set", drawing)
    assert (problem.applet, problem.field, problem.fix) == ("A", "prompt.text", None)


def test_a_slip_of_the_pen_is_offered_right() -> None:
    drawing = draft({"A": put(Balance="1"), "B": read("Balanse")}, {"A": {"next": "B"}, "B": END})
    after = fixed(drawing, only("never_set", drawing))
    assert after["applets"]["B"]["settings"]["prompt"]["text"] == "It is $(Balance)."
    assert found(after) == []


@pytest.mark.parametrize(
    ("seeds", "world"),
    [({"balance": "1"}, World()), ({}, World(seeds={"BALANCE"})), ({}, World(seeds={"Balance"}))],
)
def test_seeds_count_as_set(seeds: dict[str, str], world: World) -> None:
    drawing = draft({"A": read("Balance")}, {"A": END}, seeds=seeds)
    assert "never_set" not in codes(drawing, world)


@pytest.mark.parametrize("name", ["CLID", "clid", "CallGuid"])
def test_some_are_always_there(name: str) -> None:
    assert not {"never_set", "maybe_unset", "unset_at_start"} & set(codes(draft({"A": read(name)}, {"A": END})))


def test_set_on_one_path_only() -> None:
    drawing = draft(
        {"M": menu("1", "2"), "Set": put(X="1"), "Read": read("X")},
        {
            "M": {"key:1": "Set", "key:2": "Read", "no_input": None, "invalid": None},
            "Set": {"next": "Read"},
            "Read": END,
        },
    )
    problem = only("maybe_unset", drawing)
    assert problem.words == "$(X) may have no value yet when the call comes from “M” by “2”."
    drawing["wires"]["M"]["key:2"] = "Set"
    assert found(drawing) == []


def test_a_failure_exit_sets_nothing() -> None:
    drawing = draft(
        {"Ask": ask(status="Code", fields={"X": "x"}), "Read": read("X")},
        {"Ask": {"success": "Read", "interface_failure": "Read"}, "Read": END},
    )
    problem = only("maybe_unset", drawing)
    assert problem.params == {"source": "X", "before": "Ask", "exit": "Interface failure"}


def test_set_only_later() -> None:
    drawing = draft({"Read": read("X"), "Set": put(X="1")}, {"Read": {"next": "Set"}, "Set": END})
    assert only("unset_at_start", drawing).applet == "Read"


def test_a_row_reads_what_was_there_on_entry() -> None:
    drawing = draft({"Set": put(X="1", Y="$(X)")}, {"Set": END})
    assert only("unset_at_start", drawing).field == "rows.1.value"


def test_in_a_loop_the_first_round_counts() -> None:
    drawing = draft(
        {"M": menu("1"), "Read": read("X"), "Set": put(X="1")},
        {"M": {"key:1": "Read", "no_input": None, "invalid": None}, "Read": {"next": "Set"}, "Set": {"next": "M"}},
    )
    assert only("maybe_unset", drawing).applet == "Read"


def test_a_rule_may_ask_whether_it_is_null() -> None:
    drawing = draft(
        {"R": route("X", "", operator="is_null"), "Set": put(X="1")},
        {"R": {"rule:r0": "Set", "no_match": None}, "Set": END},
    )
    assert found(drawing) == []


def test_after_hang_up_what_was_set_anywhere_before_may_be_there() -> None:
    drawing = draft(
        {"Set": put(X="1"), "Bye": put(Y="$(X)"), "Z": put(Z="$(W)")},
        {"Set": END, "Bye": {"next": "Z"}, "Z": END},
        hangup="Bye",
    )
    problem = only("never_set", drawing)
    assert (problem.applet, problem.params) == ("Z", {"source": "W"})
    assert "maybe_unset" not in codes(drawing)


def test_slots_are_data_sources() -> None:
    settings = {"prompt": {"file": "", "text": "Key it, then #."}, "most": 4, "slot": "Account"}
    drawing = draft(
        {"A": ("collect_input", settings), "B": read("IVRSlot|Account")},
        {"A": {"next": "B", "no_input": None}, "B": END},
    )
    assert found(drawing) == []


def test_spellings_that_differ_only_in_case() -> None:
    drawing = draft({"A": put(Account="1"), "B": say("$(account) and $(ACCOUNT)"), "C": route("accounT", "1")})
    drawing["wires"] = {"A": {"next": "B"}, "B": {"next": "C"}, "C": {"rule:r0": None, "no_match": None}}
    problems = [p for p in found(drawing) if p.code == "spelling"]
    assert [(p.applet, p.field) for p in problems] == [
        ("B", "prompt.text"),
        ("B", "prompt.text"),
        ("C", "rules.0.source"),
    ]
    for problem in problems:
        assert problem.params["other"] == "Account"
    for _ in range(3):
        problem = next(p for p in found(drawing) if p.code == "spelling")
        assert problem.fix
        drawing = applied(drawing, problem.fix.operations)
    assert found(drawing) == []
    assert drawing["applets"]["B"]["settings"]["prompt"]["text"] == "$(Account) and $(Account)"


def test_dialled_number_is_not_what_it_seems() -> None:
    assert only("dialled_number", draft({"A": read("diallednumber")}, {"A": END})).field == "prompt.text"
    assert "dialled_number" not in codes(draft({"A": read("CLID")}, {"A": END}))


# ---- settings -------------------------------------------------------------------------------------------------------

KEYED = draft(
    {"A": ask(headers=[{"id": "h", "key": "X-Api-Key", "value": "#(PayKey)"}])},
    {"A": {"success": None, "interface_failure": None}},
)


def test_unknown_and_empty_settings() -> None:
    assert only("unknown_secret", KEYED).field == "request.headers.0.value"
    assert only("empty_secret", KEYED, World(secrets_empty={"PayKey"})).grade == "warning"
    assert found(KEYED, World(secrets={"paykey"})) == []


def test_settings_work_only_in_a_data_connector() -> None:
    drawing = draft({"A": say("Your key is #(PayKey).")}, {"A": END})
    assert only("secret_not_here", drawing, World(secrets={"PayKey"})).field == "prompt.text"


# ---- status codes ---------------------------------------------------------------------------------------------------


def looked_up(status: str = "Code", router: bool = False) -> Drawing:
    drawing = draft({"Ask": ask(status=status, fields={"Name": "name"}), "Read": read("Name"), "Sorry": say("Sorry.")})
    drawing["wires"] = {"Ask": {"success": "Read", "interface_failure": "Sorry"}, "Read": END, "Sorry": END}
    if router:
        drawing["applets"] |= draft({"Good?": route("Code", "200", datatype="number")})["applets"]
        drawing["wires"] |= {"Good?": {"rule:r0": "Read", "no_match": "Sorry"}}
        drawing["wires"]["Ask"]["success"] = "Good?"
    return drawing


@pytest.mark.parametrize("status", ["Code", ""])
def test_a_status_code_nobody_looks_at(status: str) -> None:
    drawing = looked_up(status)
    problem = only("status_ignored", drawing)
    assert (problem.applet, problem.field, problem.params) == (
        "Ask", "response.status_destination", {"source": "Name", "reader": "Read"},
    )  # fmt: skip
    after = fixed(drawing, problem)
    assert found(after) == []
    assert codes(looked_up(router=True)) == []


def test_a_router_on_the_value_itself_is_no_look_at_the_status() -> None:
    drawing = looked_up()
    drawing["applets"] |= draft({"Who?": route("Name", "Ann")})["applets"]
    drawing["wires"] |= {"Who?": {"rule:r0": "Read", "no_match": "Sorry"}}
    drawing["wires"]["Ask"]["success"] = "Who?"
    assert only("status_ignored", drawing).params["reader"] == "Who?"


def test_reading_the_status_out_is_no_look_at_it() -> None:
    drawing = looked_up()
    drawing["applets"] |= draft({"Say": say("The code is $(Code).")})["applets"]
    drawing["wires"]["Ask"]["success"] = "Say"
    drawing["wires"] |= {"Say": {"next": "Read"}}
    assert only("status_ignored", drawing).params["reader"] == "Read"


def test_the_way_past_the_router_counts() -> None:
    drawing = looked_up(router=True)
    drawing["applets"] |= draft({"M": menu("1")})["applets"]
    drawing["wires"]["Ask"]["success"] = "M"
    drawing["wires"] |= {"M": {"key:1": "Good?", "no_input": "Read", "invalid": "Sorry"}}
    assert only("status_ignored", drawing).params["reader"] == "Read"


def test_values_that_are_set_anew_are_not_the_services() -> None:
    drawing = looked_up()
    drawing["applets"] |= draft({"Set": put(Name="Ann")})["applets"]
    drawing["wires"]["Ask"]["success"] = "Set"
    drawing["wires"] |= {"Set": {"next": "Read"}}
    assert found(drawing) == []


# ---- the whole ------------------------------------------------------------------------------------------------------


def test_errors_come_first_then_as_a_call_meets_them() -> None:
    drawing = draft(
        {"Z": read("Q"), "A": ("menu", {}), "B": ("menu", {})},
        {"Z": {"next": "B"}, "B": {"no_input": "A"}},
        hangup="Gone",
    )
    problems = found(drawing)
    assert [p.grade for p in problems] == sorted(p.grade for p in problems)
    assert [p.applet for p in problems][:3] == [None, "B", "A"]


def test_problems_as_json() -> None:
    problem = found(draft({"A": ask()}, {"A": {"success": None}}))[0]
    assert problem.to_json() == {
        "code": "open_exit",
        "grade": "warning",
        "words": "“Interface failure” leads nowhere: the call ends there.",
        "applet": "A",
        "field": None,
        "exit": "interface_failure",
        "params": {"exit": "Interface failure"},
        "fix": {
            "label": "Meant to end here",
            "operations": [{"op": "wire", "source": "A", "exit": "interface_failure", "target": None}],
        },
        "also": [],
    }


def big(n: int, applet: Callable[[int], tuple[str, dict[str, Any]]], loop: bool) -> Drawing:
    names = [f"N{i}" for i in range(n)]
    drawing = draft({name: applet(i) for i, name in enumerate(names)})
    for i, name in enumerate(names):
        exits = {
            "announcement": ["next"],
            "data_connector": ["success", "interface_failure"],
            "set_data_source": ["next"],
        }
        exits |= {"menu": ["key:1", "no_input", "invalid"], "data_router": ["rule:r0", "no_match"]}
        exits |= {"pci_transfer": ["next", "failure"]}
        for k, exit in enumerate(exits[drawing["applets"][name]["type"]]):
            target = (i + 1 + 7 * k) % n if loop else i + 1 + 7 * k
            drawing["wires"].setdefault(name, {})[exit] = names[target] if target < n else None
    return drawing


def mixed(i: int) -> tuple[str, dict[str, Any]]:
    return [
        say(f"$(V{i - 3}) $(W{i})"), ask(status=f"S{i}", fields={f"V{i}": "a", f"U{i}": "b"}),
        put(**{f"W{i}": f"$(V{i - 1})"}),
        menu("1"), route(f"S{i - 3}", "200"),
    ][i % 5]  # fmt: skip


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize(
    "applet", [mixed, lambda i: pay(f"L{i}", f"C{i}") if i % 2 else ask(fields={f"L{i + 1}": "a"})]
)
def test_two_thousand_applets_are_checked_in_linear_time(applet: Any, loop: bool) -> None:
    plan = plan_of(big(2000, applet, loop))
    check_plan(plan_of(big(10, applet, loop)), World())
    began = time.process_time()  # of this process alone: others on the machine are none of its business
    check_plan(plan, World())
    assert time.process_time() - began < 5.0  # anything worse than linear takes much longer


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_code_of_the_catalogue_is_tried(code: str) -> None:
    here = Path(__file__).parent
    assert f'"{code}"' in "".join(path.read_text() for path in here.glob("test_checks*.py"))


def test_damaged_settings_get_no_fix_that_cannot_be_carried_out() -> None:
    rows = [{"id": "r1", "name": "A", "value": "x"}]
    for number in ([["a"]], ["a"], {"a": "a"}):
        damaged = draft(
            {"First": ("set_data_source", {"rows": rows}), "Pay": ("pci_transfer", {"number": number, "clid": "P"})}, {}
        )
        for problem in check_plan(plan_of(damaged), World()):
            for fix in filter(None, [problem.fix, *problem.also]):
                check_plan(plan_of(applied(damaged, fix.operations)), World())
