"""The main stories over signed Vonage webhooks and a real server: the engine's words, the engine's route."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from designer.sandbox.billing import ACCOUNTS
from designer.sandbox.carrier import Account, Carrier, CarrierError, Script
from designer.sandbox.demo import DESTINATION, DRAFT
from tests.adapters.gate import check_ncco
from tests.running import Running, running_server
from tests.stories.demo import BUSY, result, told

NAMES = {applet["key"]: applet["name"] for applet in DRAFT["applets"]}
CARDS = ("4111111111111111", "4000000000000002")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_server(tmp_path_factory.mktemp("var")) as running:
        yield running


@pytest.fixture(scope="module")
def account(server: Running) -> Account:
    return Account(server.address, *server.connection())


@dataclass
class Scene:
    """One story, told twice: what the carrier's caller does, and what the engine's story changes for the same."""

    keys: list[str]
    payment: list[str] = field(default_factory=lambda: ["paid"])
    agent: str = "answered"
    clid: str | None = "+447700900123"
    engine: dict[str, Any] = field(default_factory=dict)


def billing(number: str) -> dict[str, Any]:
    name, balance = ACCOUNTS[number]
    return {"status": 200, "body": {"account": {"number": number, "name": name, "balance": balance}}}


GOOD = billing("44170921")
UNKNOWN = {"status": 404, "body": {"error": "unknown account"}}
NO_AGENT = {"dials": {"Speak to an agent": [BUSY]}}


def services(**answers: Any) -> dict[str, Any]:
    return {"services": {"Look up account": [GOOD]} | {name.replace("_", " "): a for name, a in answers.items()}}


SCENES = {
    "paid": Scene(["44170921#", "1"], engine=services()),
    "declined, then paid": Scene(
        ["44170921#", "1", "1"],
        ["declined", "paid"],
        engine={"does": ["44170921", "1", "1"]} | services(Get_the_result=[result("DECLINED"), result("PAID", "R-5")]),
    ),
    "declined, then an agent": Scene(
        ["44170921#", "1", "2"],
        ["declined"],
        engine={"does": ["44170921", "1", "2"]} | services(Get_the_result=[result("DECLINED")]),
    ),
    "abandoned": Scene(["44170921#", "1"], ["abandoned"], engine=services(Get_the_result=[result("ABANDONED")])),
    "the payment line fails": Scene(["44170921#", "1"], ["fails"], engine=services(Get_the_result=[result("PENDING")])),
    "nobody answers": Scene(
        ["44170921#", "1"], ["abandoned"], "busy", engine=services(Get_the_result=[result("ABANDONED")]) | NO_AGENT
    ),
    "an agent rather than paying": Scene(["44170921#", "2"], engine={"does": ["44170921", "2"]} | services()),
    "no confirmation": Scene(["44170921#"], agent="no_answer", engine={"does": ["44170921"]} | services() | NO_AGENT),
    "wrong keys at the confirmation": Scene(
        ["44170921#", "7", "8", "1"], engine={"does": ["44170921", "7", "8", "1"]} | services()
    ),
    "nothing to pay": Scene(
        ["44170923#"], engine={"does": ["44170923"]} | services(Look_up_account=[billing("44170923")])
    ),
    "an unknown account, then the right one": Scene(
        ["1#", "44170921#", "1"],
        engine={"does": ["1", "44170921", "1"]} | services(Look_up_account=[UNKNOWN, GOOD]),
    ),
    "silent to the end": Scene([], agent="busy", engine={"does": []} | services() | NO_AGENT),
    "billing answers 500": Scene(
        ["50000003#"],
        engine={"does": ["50000003"]} | services(Look_up_account=[{"status": 500, "body": {"error": "down"}}]),
    ),
    "billing answers HTML": Scene(
        ["50000004#"], engine={"does": ["50000004"]} | services(Look_up_account=[{"status": 200, "body": "<!doctype"}])
    ),
    "billing answers without end": Scene(
        ["50000005#"], engine={"does": ["50000005"]} | services(Look_up_account=[{"error": "too_large"}])
    ),
    "billing answers slowly": Scene(
        ["50000001#", "2"],
        engine={"does": ["50000001", "2"]} | services(Look_up_account=[billing("50000001")]),
    ),
    "billing answers too late": Scene(
        ["50000002#"], engine={"does": ["50000002"]} | services(Look_up_account=[{"error": "timeout"}])
    ),
    "withheld": Scene(["44170921#", "1"], clid=None, engine={"caller": None} | services()),
}


def play(account: Account, scene: Scene) -> Carrier:
    """One call; every document it gets must pass the provider's own models."""
    wrong: list[str] = []
    line = Carrier(
        account,
        DESTINATION,
        Script(scene.keys, scene.payment, scene.agent, scene.clid),
        inspect=lambda ncco: wrong.extend(check_ncco(ncco)),
    )
    line.play()
    assert wrong == []
    return line


def events(server: Running, line: Carrier, until: str = "ended") -> list[tuple[str, str | None, dict[str, Any]]]:
    """The call's record: kind, applet's name and data, once it holds this event."""
    deadline = time.monotonic() + 15
    while True:
        rows = server.rows(
            "SELECT e.kind, e.applet, e.data FROM callplans_event e JOIN callplans_call c ON c.id = e.call_id"
            " WHERE c.provider_call_id = ? ORDER BY e.no",
            line.uuid,
        )
        found = [(kind, NAMES.get(applet), json.loads(data)) for kind, applet, data in rows]
        if any(kind == until for kind, _, _ in found):
            return found
        assert time.monotonic() < deadline, f"no event {until!r} among {[kind for kind, _, _ in found]}"
        time.sleep(0.05)


def heard(said: list[str]) -> list[str]:
    """What was said, without the receipt's digits: the payment system makes them up."""
    return [re.sub(r"^R dash [\d ]+$", "R dash ...", text) for text in said]


@pytest.mark.parametrize("name", SCENES)
def test_the_same_words_and_the_same_route(name: str, server: Running, account: Account) -> None:
    scene = SCENES[name]
    told_by_engine = told(**scene.engine)
    line = play(account, scene)
    record = events(server, line)
    assert heard(line.said) == heard(told_by_engine.said)
    assert [applet for kind, applet, _ in record if kind == "entered"] == told_by_engine.route
    assert record[-1][0] in ("ended", "leg")


@pytest.mark.parametrize(
    ("scene", "at", "fetched"),
    [
        (Scene(["hangup"]), "Ask account number", False),
        (Scene(["44170921#", "hangup"]), "Pay the balance?", False),
        (Scene(["44170921#", "1"], ["hangup"]), "Pay by phone", True),
        (Scene(["44170921#", "1", "hangup"], ["declined"]), "Try again?", True),
    ],
    ids=["account number", "confirmation", "in the payment", "after a decline"],
)
def test_a_hang_up_ends_where_the_caller_was(
    scene: Scene, at: str, fetched: bool, server: Running, account: Account
) -> None:
    line = play(account, scene)
    record = events(server, line)
    assert [(applet, data["by"]) for kind, applet, data in record if kind == "hung_up"] == [(at, "caller")]
    route = [applet for kind, applet, _ in record if kind == "entered"]
    after = route[route.index("Payment begun?") :]
    assert after == (["Payment begun?", "Fetch the result"] if fetched else ["Payment begun?"])
    if fetched:
        answers = [data["status"] for kind, applet, data in record if kind == "heard" and applet == "Fetch the result"]
        assert answers == [200]


def test_of_the_payment_leg_only_its_times_are_kept(server: Running, account: Account) -> None:
    line = play(account, SCENES["paid"])
    record = events(server, line)
    leg = [(kind, data) for kind, applet, data in record if applet == "Pay by phone" and kind in ("asked", "heard")]
    (asked, asks), (ended, ends) = leg
    assert (asked, ended) == ("asked", "heard")
    assert asks["private"] and ends["private"]
    assert "outcome" not in ends
    assert ends["seconds"] >= 0
    shown = json.dumps(record) + "\n".join(server.lines)
    assert "44170921" not in json.dumps([data for kind, _, data in record if kind != "said"])
    for card in CARDS:
        assert card not in shown


def test_a_repeated_webhook_gets_the_same_document(account: Account) -> None:
    """Every request twice, as after a lost answer: the call goes as if each had come once."""
    seen: list[bool] = []

    class Twice(Carrier):
        def post(self, url: str, said: dict[str, Any]) -> Any:
            first = super().post(url, said)
            seen.append(super().post(url, said) == first)
            return first

    line = Twice(account, DESTINATION, Script(["44170921#", "1"]))
    line.play()
    assert line.said[-1] == "Thank you for calling Harbour Water. Goodbye."
    assert len(seen) > 10


def test_a_wrong_signature_is_refused_and_the_next_call_goes_on(server: Running, account: Account) -> None:
    before = server.rows("SELECT count(*) FROM callplans_call")
    forged = Account(account.base_url, account.connection, "not-the-secret-but-just-as-long-as-it-is")
    with pytest.raises(CarrierError, match="refused the signature"):
        play(forged, SCENES["paid"])
    assert server.rows("SELECT count(*) FROM callplans_call") == before
    assert play(account, SCENES["nothing to pay"]).said


def test_a_number_that_is_mapped_to_nothing_hears_the_fallback(account: Account) -> None:
    line = Carrier(account, "+441632960199", Script())
    line.play()
    assert line.said == ["We are sorry, we cannot take your call just now."]


def test_dial_plays_a_call_and_prints_it(server: Running) -> None:
    done = server.manage("dial", DESTINATION, "--keys", "44170922#,1", "--payment", "declined", "--clid", "withheld")
    assert done.returncode == 0, done.stderr
    lines = [line.split(None, 1) for line in done.stdout.splitlines()[1:]]
    assert done.stdout.startswith(f"withheld calls {DESTINATION}")
    assert ["plan", "19 pounds 5 pence"] in lines
    assert ["caller", "44170922#"] in lines
    assert ["payment", "19.05 GBP: declined"] in lines
    assert lines[-1] == ["end", "the call ended"]
    assert not done.stderr
