"""A call plan from nothing, by mouse: drawn, wired, set, saved, and then called."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.api import DEMO, Api, applet, named_wires
from tests.browser.conftest import Windows
from tests.browser.drawing import Drawing
from tests.browser.handset import Handset

BILLING = "http://billing.sandbox/v2/accounts/$(Account)"
PAY = "http://pay.sandbox/v1/sessions"


def test_the_demo_plan_is_listed_and_opens(window: Windows, api: Api) -> None:
    page = window()
    page.get_by_role("link", name=DEMO).click()
    expect(page.get_by_test_id("applet-Welcome")).to_be_visible()
    draft = api.draft(api.plan(DEMO)["id"])
    assert len(draft["applets"]) > 20
    for placed in draft["applets"]:
        expect(page.get_by_test_id(f"applet-{placed['name']}")).to_have_count(1)
    expect(page.get_by_role("region", name="Problems")).to_contain_text("None found")
    expect(page.get_by_text("The call starts here")).to_be_visible()
    expect(page.get_by_text("When the caller hangs up")).to_be_visible()


def test_the_payment_plan_is_drawn_by_mouse_and_called(window: Windows, api: Api) -> None:
    page = window()
    page.get_by_role("button", name="New call plan").click()
    page.get_by_label("Name").fill("Drawn by hand")
    page.get_by_role("button", name="Make it and draw").click()
    expect(page.get_by_role("heading", name="This plan is empty")).to_be_visible()
    plan = page.url.rsplit("/", 1)[1]
    drawing = Drawing(page, api, plan)
    drawing.zoom_out(3)

    ask(drawing)
    offer(drawing)
    pay(drawing)
    hang_up(drawing)

    draft = drawing.draft()
    wires = named_wires(draft)
    assert wires["Ask to pay", "key:1"] == "Start payment"
    assert wires["Paid?", "rule:Declined"] == "Ask to pay"
    assert wires["Paid?", "rule:Paid"] == "Received"
    assert draft["version"]["initial"] == applet(draft, "Welcome")["key"]
    assert draft["version"]["hangup"] == applet(draft, "Ask again")["key"]
    assert applet(draft, "Ask number")["settings"]["most"] == 8
    assert applet(draft, "Ask number")["settings"]["source"] == "Account"
    assert applet(draft, "Look up")["settings"]["request"]["url"] == BILLING
    assert [f["destination"] for f in applet(draft, "Look up")["settings"]["response"]["fields"]] == ["Balance"]
    assert [c["key"] for c in applet(draft, "Ask to pay")["settings"]["choices"]] == ["1", "2"]
    assert applet(draft, "Pay")["settings"] == {"number": "PayLine", "clid": "PayClid", "seconds": 600}
    assert [p["words"] for p in draft["problems"] if p["grade"] == "error"] == []

    phone = Handset(page)
    phone.call()
    phone.hears("Good day")
    phone.keys("44170921#")
    phone.hears("You owe 82.40 pounds")
    phone.types("1")
    phone.pays("Test card")
    phone.hears("Your receipt is R-")
    phone.ended("an exit that leads nowhere")


def ask(drawing: Drawing) -> None:
    """Welcome, ask for the number, look it up, and tell whether it was found."""
    drawing.drop("announcement", (0, 0), "Welcome")
    drawing.fill("Announcement", "Good day.")

    drawing.add_after("Welcome", "next", "Collect Input", (340, 40), "Ask number")
    drawing.fill("Input prompt", "Please key your account number.")
    drawing.fill("Maximum number of digits to collect", "8")
    drawing.field("Collect to data source?").check()
    drawing.fill("Destination", "Account")

    drawing.add_after("Ask number", "next", "Data Connector", (680, 40), "Look up")
    drawing.fill("Address", BILLING)
    drawing.fill("Data source for the status code", "LookupCode")
    keep(drawing, "account.balance", "Balance")

    drawing.add_after("Look up", "success", "Data Router", (1020, 40), "Found?")
    rule(drawing, "Found", "LookupCode", "200", datatype="Number")


def offer(drawing: Drawing) -> None:
    """Say the balance and offer to pay; whoever does not want to reaches an agent."""
    drawing.drop("menu", (0, 400), "Ask to pay")
    drawing.fill("Prompt", "You owe $(Balance) pounds. Press 1 to pay, 2 to talk to us.")
    for label in ("Pay", "Talk"):
        drawing.add("option")
        drawing.fill("Label", label, drawing.row("Options"))
    drawing.wire("Found?", "rule:Found", "Ask to pay")

    drawing.drop("ccr", (0, 760), "Agent")
    drawing.add("number")
    drawing.fill("Number", "+442079460001", drawing.row("Numbers"))
    drawing.wire("Ask to pay", "key:2", "Agent")
    drawing.wire("Ask to pay", "no_input", "Agent")
    drawing.wire("Ask number", "no_input", "Agent")


def pay(drawing: Drawing) -> None:
    """Open a session, transfer to the payment line, fetch the result and say it."""
    drawing.add_after("Ask to pay", "key:1", "Data Connector", (340, 440), "Start payment")
    drawing.select("Method", "POST")
    drawing.fill("Address", PAY)
    header(drawing, "Content-Type", "application/json")
    header(drawing, "X-Api-Key", "#(PayKey)")
    drawing.fill(
        "Body",
        '{"callId": "$(CallGuid)", "callerNumber": "$(CLID)", "account": "$(Account)", '
        '"amount": "$(Balance)", "currency": "GBP"}',
    )
    drawing.fill("Data source for the status code", "PayCode")
    keep(drawing, "session.id", "Session")
    keep(drawing, "transfer.number", "PayLine")
    keep(drawing, "transfer.clid", "PayClid")

    drawing.add_after("Start payment", "success", "Data Router", (680, 440), "Started?")
    rule(drawing, "Started", "PayCode", "201", datatype="Number")
    drawing.add_after("Started?", "rule:Started", "Self Service Transfer to PCI", (1020, 440), "Pay")
    drawing.fill("Destination number", "PayLine")
    drawing.fill("CLID", "PayClid")

    drawing.add_after("Pay", "next", "Data Connector", (340, 800), "Get result")
    drawing.fill("Address", f"{PAY}/$(Session)/result")
    drawing.form.get_by_text("XML", exact=True).last.click()
    header(drawing, "X-Api-Key", "#(PayKey)")
    drawing.fill("Data source for the status code", "ResultCode")
    keep(drawing, "/payment/outcome", "Outcome")
    keep(drawing, "/payment/receipt", "Receipt")

    drawing.add_after("Get result", "success", "Data Router", (680, 800), "Paid?")
    rule(drawing, "Paid", "Outcome", "PAID")
    rule(drawing, "Declined", "Outcome", "DECLINED")
    drawing.add_after("Paid?", "rule:Paid", "Announcement", (1020, 800), "Received")
    drawing.fill("Announcement", "Thank you. Your receipt is $(Receipt).")
    drawing.wire("Paid?", "rule:Declined", "Ask to pay")
    drawing.wire("Paid?", "no_match", "Agent")
    for source, exit in [
        ("Look up", "interface_failure"), ("Found?", "no_match"), ("Start payment", "interface_failure"),
        ("Started?", "no_match"), ("Pay", "failure"), ("Get result", "interface_failure"),
    ]:  # fmt: skip
        drawing.wire(source, exit, "Agent")


def hang_up(drawing: Drawing) -> None:
    """The result is fetched by a copy of the connector, for whoever hangs up."""
    drawing.choose("Get result")
    drawing.page.keyboard.press("Escape")
    drawing.card("Get result").click(button="right", position={"x": 60, "y": 12})
    drawing.page.get_by_role("menuitem", name="Duplicate").click()
    drawing.form.get_by_role("textbox", name="Name of the applet").fill("Ask again")
    drawing.form.get_by_role("button", name="More about Ask again").click()
    drawing.page.get_by_role("menuitem", name="Go here when the caller hangs up").click()
    expect(drawing.form.get_by_text("When the caller hangs up")).to_be_visible()


def rule(drawing: Drawing, label: str, source: str, value: str, datatype: str = "") -> None:
    """A rule of the open router: source equals value."""
    drawing.add("rule")
    entry = drawing.form.get_by_role("region", name="Rule").last
    drawing.fill("Label", label, entry)
    drawing.fill("Data source", source, entry)
    if datatype:
        drawing.select("Data type", datatype, entry)
    drawing.fill("Comparison value", value, entry)


def keep(drawing: Drawing, locator: str, destination: str) -> None:
    """A value of the answer that the open connector keeps."""
    drawing.add("value")
    row = drawing.row("Values to keep")
    drawing.fill("Locator", locator, row)
    drawing.fill("Data source", destination, row)


def header(drawing: Drawing, key: str, value: str) -> None:
    drawing.add("header")
    row = drawing.row("Headers")
    drawing.fill("Header", key, row)
    drawing.fill("Value", value, row)
