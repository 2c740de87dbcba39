"""The Data Connector's rooms: the definition both ways, locators and types, what may be sent, its own checks."""

from __future__ import annotations

import json
import string
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from callplans.applets.data_connector import DataConnector
from callplans.applets.data_connector.definition import DefinitionError, from_xml, to_xml
from callplans.applets.data_connector.http_rules import encode_at, header_name_trouble
from callplans.applets.data_connector.locators import check_locator, json_steps, read_answer, xml_steps
from callplans.applets.data_connector.request import placeholders
from callplans.applets.data_connector.settings import DataConnectorSettings
from callplans.applets.data_connector.xmltree import BadXml, parse
from callplans.engine.words import Locate

EXAMPLE = """\
<ApiInteraction>
  <Request>
    <Url>https://billing.harbourwater.example/v2/accounts/$(IVRSlot|AccountNumber)/payments</Url>
    <Method>POST</Method>
    <Headers>
      <Header><Key>Content-Type</Key><Value>application/json</Value></Header>
      <Header><Key>X-Api-Key</Key><Value>#(HarbourBillingKey)</Value></Header>
    </Headers>
    <Body><![CDATA[
{"callId":"$(CallGuid)","callerNumber":"$(CLID)","amount":"$(HarbourWater|BalanceDue)"}
    ]]></Body>
  </Request>
  <Response>
    <Type>JSON</Type>
    <ResponseCodeDestination>HarbourWater|StartPaymentCode</ResponseCodeDestination>
    <Fields>
      <Field><Locator>session.id</Locator><Destination>HarbourWater|PaymentSession</Destination><DataType>String</DataType></Field>
      <Field><Locator>transfer.number</Locator><Destination>HarbourWater|PaymentLine</Destination><DataType>String</DataType></Field>
      <Field><Locator>transfer.clid</Locator><Destination>HarbourWater|PaymentClid</Destination><DataType>String</DataType></Field>
    </Fields>
  </Response>
</ApiInteraction>
"""  # the example as it is printed, to be met to the letter


# ---- the definition -------------------------------------------------------------------------------------------------


def test_the_example_reads_and_writes_to_the_letter() -> None:
    settings = from_xml(EXAMPLE)
    assert settings["request"]["method"] == "POST"
    assert settings["request"]["url"].endswith("/$(IVRSlot|AccountNumber)/payments")
    assert [(h["key"], h["value"]) for h in settings["request"]["headers"]] == [
        ("Content-Type", "application/json"),
        ("X-Api-Key", "#(HarbourBillingKey)"),
    ]
    assert settings["request"]["body"].startswith('{"callId":"$(CallGuid)"')
    assert settings["request"]["body"].endswith('BalanceDue)"}'), "white space around it is trimmed"
    assert settings["request"]["escape_json"] is False
    assert settings["response"]["status_destination"] == "HarbourWater|StartPaymentCode"
    assert [(f["locator"], f["destination"], f["datatype"]) for f in settings["response"]["fields"]] == [
        ("session.id", "HarbourWater|PaymentSession", "string"),
        ("transfer.number", "HarbourWater|PaymentLine", "string"),
        ("transfer.clid", "HarbourWater|PaymentClid", "string"),
    ]
    assert to_xml(settings) == EXAMPLE
    model = DataConnectorSettings.model_validate(settings)
    assert model.model_dump() == settings
    assert placeholders(model) == ["IVRSlot|AccountNumber", "CallGuid", "CLID", "HarbourWater|BalanceDue"]


def test_the_examples_answers_give_what_the_reference_says() -> None:
    fields = from_xml(EXAMPLE)["response"]["fields"]
    body = b'{"session":{"id":"s-9"},"transfer":{"number":"+441632960900","clid":"+441632960777"}}'
    values, issues = read_answer("JSON", body, "application/json", [Locate(f["locator"]) for f in fields])
    assert (values, issues) == (["s-9", "+441632960900", "+441632960777"], [])
    body = b"<payment><outcome>PAID</outcome><receipt>R-5</receipt></payment>"
    values, issues = read_answer("XML", body, "", [Locate("/payment/outcome"), Locate("/payment/receipt")])
    assert (values, issues) == (["PAID", "R-5"], [])


# Everything a settings text may hold and a form may send: markup, placeholders, quotes, other scripts.
SIGNS = st.one_of(
    st.sampled_from(
        ["]]>", "<![CDATA[", "<a>", "&amp;", "&", "$(A)", "#(B)", "<!-- -->", '"', "é", "🐟", "\u2028", "]]"]
    ),
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
)
LINE = st.lists(SIGNS, max_size=8).map("".join)
NEEDED = LINE.filter(lambda text: text.strip(" \t\r\n"))
BLOCK = st.lists(st.one_of(SIGNS, st.sampled_from(["\n", "\r\n", "\t", "\r", " "])), max_size=20).map("".join)
IDS = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=8)
SETTINGS = st.fixed_dictionaries(
    {
        "request": st.fixed_dictionaries(
            {
                "method": st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]),
                "url": NEEDED,
                "headers": st.lists(
                    st.fixed_dictionaries({"id": IDS, "key": NEEDED, "value": LINE}),
                    max_size=3, unique_by=lambda row: row["id"],
                ),
                "body": BLOCK,
                "escape_json": st.booleans(),
            }
        ),
        "response": st.fixed_dictionaries(
            {
                "type": st.sampled_from(["JSON", "XML"]),
                "status_destination": LINE,
                "fields": st.lists(
                    st.fixed_dictionaries(
                        {
                            "id": IDS,
                            "locator": NEEDED,
                            "destination": NEEDED,
                            "datatype": st.sampled_from(["string", "number", "boolean", "date", "datetime"]),
                        }
                    ),
                    max_size=3, unique_by=lambda row: row["id"],
                ),
            }
        ),
        "seconds": st.integers(1, 10),
        "repeatable": st.booleans(),
    }
)  # fmt: skip


@given(SETTINGS)
def test_settings_to_xml_and_back_lose_nothing(raw: dict[str, Any]) -> None:
    settings = DataConnectorSettings.model_validate(raw).model_dump()
    xml = to_xml(settings)
    assert from_xml(xml, settings) == settings
    again = from_xml(xml)
    assert to_xml(again) == xml
    DataConnectorSettings.model_validate(again)


@given(SETTINGS, st.data())
def test_comments_are_legal_anywhere(raw: dict[str, Any], data: st.DataObject) -> None:
    settings = DataConnectorSettings.model_validate(raw).model_dump()
    settings["request"]["body"] = ""  # inside CDATA a comment is text
    xml = to_xml(settings)
    gaps = [n for n in range(len(xml) + 1) if (xml[n - 1 : n] == ">" or xml[n : n + 1] == "<") and xml[:n].count("<")]
    at = data.draw(st.sampled_from(gaps))
    assert from_xml(xml[:at] + "<!-- a > b -->" + xml[at:], settings) == settings


def test_a_comment_inside_a_text_joins_its_pieces() -> None:
    xml = EXAMPLE.replace("session.id", "session<!-- x -->.id").replace(
        "<ApiInteraction>", "<!-- a --><ApiInteraction>"
    )
    assert from_xml("<?xml version='1.0'?>" + xml)["response"]["fields"][0]["locator"] == "session.id"


def test_case_is_ignored_where_the_reference_says() -> None:
    xml = EXAMPLE.replace("<Type>JSON", "<Type>jSoN").replace(">String<", ">dateTIME<", 1).replace(">POST<", "> post <")
    settings = from_xml(xml)
    assert settings["response"]["type"] == "JSON"
    assert settings["response"]["fields"][0]["datatype"] == "datetime"
    assert settings["request"]["method"] == "POST"


def test_what_is_optional_may_be_left_out() -> None:
    settings = from_xml(
        "<ApiInteraction><Request><Url>http://a.example</Url><Method>GET</Method></Request>"
        "<Response><Type>XML</Type></Response></ApiInteraction>"
    )
    assert settings["request"]["headers"] == settings["response"]["fields"] == []
    assert settings["request"]["body"] == settings["response"]["status_destination"] == ""
    assert DataConnectorSettings.model_validate(settings).seconds == 10


def test_rows_keep_their_ids() -> None:
    before = from_xml(EXAMPLE)
    for n, row in enumerate(before["response"]["fields"]):
        row["id"] = f"mine-{n}"
    lines = EXAMPLE.splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if "session.id" in line)
    swapped = "".join([*lines[:first], lines[first + 1], lines[first], *lines[first + 2 :]])
    assert [row["id"] for row in from_xml(swapped, before)["response"]["fields"]] == ["mine-1", "mine-0", "mine-2"]
    changed = from_xml(EXAMPLE.replace("session.id", "session.key"), before)
    assert [row["id"] for row in changed["response"]["fields"]] == ["mine-0", "mine-1", "mine-2"]
    shorter = from_xml("".join(lines[:first] + lines[first + 1 :]), before)
    assert [row["id"] for row in shorter["response"]["fields"]] == ["mine-1", "mine-2"]


@pytest.mark.parametrize(
    ("change", "line", "path", "words"),
    [
        (("<Method>POST", "<Method>FETCH"), 4, "/ApiInteraction/Request/Method", "Method must be one of GET"),
        (("<Type>JSON", "<Type>CSV"), 14, "/ApiInteraction/Response/Type", "Type must be one of"),
        (
            (
                ">session.id</Locator><Destination>HarbourWater|PaymentSession</Destination><DataType>String<",
                ">x</Locator><Destination>y</Destination><DataType>Money<",
            ),
            17,
            "/ApiInteraction/Response/Fields/Field[1]/DataType",
            "DataType must be one of",
        ),
        (("Url>", "Address>"), 3, "/ApiInteraction/Request/Address", "Address is not known here"),
        (("<Locator>session.id</Locator>", ""), 17, "/ApiInteraction/Response/Fields/Field[1]/Locator", "is missing"),
        (("session.id", " "), 17, "/ApiInteraction/Response/Fields/Field[1]/Locator", "Locator is empty"),
        (("<Fields>", "<Fields>loose"), 16, "/ApiInteraction/Response/Fields", "loose text"),
        (
            ("<Key>Content-Type</Key>", "<Key><b/></Key>"),
            6,
            "/ApiInteraction/Request/Headers/Header[1]/Key",
            "text only",
        ),
        (("<Type>JSON</Type>", "<Type>JSON</Type><Type>XML</Type>"), 14, "/ApiInteraction/Response/Type", "only once"),
        (("</Method>", "</Mehtod>"), 4, "", "not well-formed"),
        (("ApiInteraction>", "Interaction>"), 1, "/Interaction", "must be ApiInteraction"),
        (("$(IVRSlot|AccountNumber)", "a\nb"), 3, "/ApiInteraction/Request/Url", "on one line"),
        (("session.id", "x" * 501), 17, "/ApiInteraction/Response/Fields/Field[1]/Locator", "longer than 500"),
    ],
)
def test_errors_name_line_and_path(change: tuple[str, str], line: int, path: str, words: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        from_xml(EXAMPLE.replace(*change))
    found = [(where, at) for text, where, at in caught.value.problems if words in text]
    assert found == [(line, path)]
    assert caught.value.words


def test_all_errors_are_told_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        from_xml("<ApiInteraction><Request><Method>X</Method></Request></ApiInteraction>")
    assert [path.rpartition("/")[2] for _, _, path in caught.value.problems] == ["Response", "Url", "Method"]


BOMBS = {
    "laughs": '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><ApiInteraction>&b;</ApiInteraction>',
    "external": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><ApiInteraction>&x;</ApiInteraction>',
    "document type": '<!DOCTYPE a SYSTEM "http://10.0.0.1/x.dtd"><ApiInteraction/>',
    "parameter": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://10.0.0.1/"> %p;]><ApiInteraction/>',
    "unknown entity": "<ApiInteraction>&nbsp;</ApiInteraction>",
    "deep": "<a>" * 50_000,
    "many": "<ApiInteraction>" + "<a/>" * 40_000 + "</ApiInteraction>",
    "large": "<ApiInteraction>" + "x" * 300_000 + "</ApiInteraction>",
    "attributes": "<a " + " ".join(f'a{n}="{n}"' for n in range(20_000)),
    "not closed": "<ApiInteraction>",
    "empty": "",
    "text": "hello",
    "surrogate": "<ApiInteraction>\ud800</ApiInteraction>",
    "nul": "<ApiInteraction>\x00</ApiInteraction>",
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_definitions_are_refused_before_they_cost_anything(name: str) -> None:
    began = time.process_time()
    with pytest.raises(DefinitionError):
        from_xml(BOMBS[name])
    assert time.process_time() - began < 5  # a bomb takes minutes, or all memory


@pytest.mark.parametrize("name", [name for name in BOMBS if name != "surrogate"])
def test_hostile_answers_are_unreadable_and_nothing_more(name: str) -> None:
    values, issues = read_answer("xml", BOMBS[name].encode(), "", [Locate("/a")])
    assert (values, len(issues)) == ([], 1)
    assert "passwd" not in issues[0]


def test_answers_in_other_encodings() -> None:
    latin = '<?xml version="1.0" encoding="iso-8859-1"?><a><b>café</b></a>'.encode("latin-1")
    assert read_answer("xml", latin, "", [Locate("/a/b")]) == (["café"], [])
    assert read_answer("xml", "<a>café</a>".encode("latin-1"), "text/xml; charset=ISO-8859-1", [Locate("/a")])[0] == [
        "café"
    ]
    assert read_answer("xml", "<a>é</a>".encode("utf-16"), "", [Locate("/a")])[0] == ["é"]
    assert read_answer("json", '{"a":"é"}'.encode("latin-1"), 'x; charset="latin-1"', [Locate("a")])[0] == ["é"]
    assert read_answer("json", b'\xef\xbb\xbf{"a":"b"}', "application/json; charset=utf-8", [Locate("a")])[0] == ["b"]
    assert read_answer("json", b'{"a":"b"}', "x; charset=unheard-of", [Locate("a")]) == (
        [],
        ["The answer is not JSON."],
    )


# ---- locators -------------------------------------------------------------------------------------------------------

DOCUMENT = (
    b'{"access_token":"t","session":{"id":"s-9","open":true,"none":null},"items":[{"price":82.40},{"price":1e3}],'
    b'"a.b":{"c d":"x"},"big":123456789012345678901234567890,"list":[],"text":"  82.40 "}'
)


@pytest.mark.parametrize(
    ("locator", "value"),
    [
        ("access_token", "t"), ("$.access_token", "t"), ("session.id", "s-9"), ("$.session.id", "s-9"),
        ("items[0].price", "82.40"), ("$.items[1].price", "1e3"), ('["a.b"]["c d"]', "x"), ("$['a.b'].c d", "x"),
        ("session.open", "true"), ("session.none", None), ("big", "123456789012345678901234567890"),
    ],
)  # fmt: skip
def test_json_locators(locator: str, value: str | None) -> None:
    assert read_answer("JSON", DOCUMENT, "", [Locate(locator)]) == ([value], [])


@pytest.mark.parametrize(
    "locator", ["nope", "session.nope", "items[2].price", "items.price", "session[0]", "access_token.x", "Session.id"]
)
def test_what_is_not_in_a_json_answer_is_null_with_an_issue(locator: str) -> None:
    assert read_answer("JSON", DOCUMENT, "", [Locate(locator)]) == ([None], [f"“{locator}” is not in the answer."])


@pytest.mark.parametrize("locator", ["session", "items", "list", "$", "items[0]"])
def test_groups_are_not_values(locator: str) -> None:
    assert read_answer("JSON", DOCUMENT, "", [Locate(locator)])[0] == [None]
    assert "group of values" in read_answer("JSON", DOCUMENT, "", [Locate(locator)])[1][0]


XML = b"""<?xml version="1.0"?>
<p:payment xmlns:p="urn:p" id="7" p:mode=" live "><!-- x --><outcome> PA<!-- y -->ID </outcome><empty/>
<line>1</line><line kind="b">2</line><card><name><![CDATA[A & <B>]]></name></card></p:payment>"""


@pytest.mark.parametrize(
    ("locator", "value"),
    [
        ("/payment/outcome", "PAID"), ("/outcome", "PAID"), ("payment/outcome", "PAID"), ("/payment/@id", "7"),
        ("/@id", "7"), ("/payment/@mode", "live"), ("/payment/line", "1"), ("/line[2]", "2"), ("/line[2]/@kind", "b"),
        ("/payment/card/name", "A & <B>"), ("/p:payment/outcome", "PAID"), ("/empty", ""),
    ],
)  # fmt: skip
def test_xml_locators_from_the_root_then_below_it(locator: str, value: str) -> None:
    assert read_answer("xml", XML, "", [Locate(locator)]) == ([value], [])


@pytest.mark.parametrize(
    "locator", ["/nope", "/payment/nope", "/line[3]", "/@nope", "/payment/payment/outcome", "/outcome/x"]
)
def test_what_is_not_in_an_xml_answer(locator: str) -> None:
    assert read_answer("xml", XML, "", [Locate(locator)]) == ([None], [f"“{locator}” is not in the answer."])


def test_the_root_is_tried_first() -> None:
    both = b"<a><b>from the root</b><a><b>below it</b></a></a>"
    assert read_answer("xml", both, "", [Locate("/a/b")])[0] == ["from the root"]
    assert read_answer("xml", b"<name>root</name>", "", [Locate("/name")])[0] == ["root"]
    assert read_answer("xml", b"<x><name>below</name></x>", "", [Locate("/name")])[0] == ["below"]


@pytest.mark.parametrize(
    "locator", ["", "a..b", ".a", "a.", "a[x]", "a[-1]", "a[0]b", "a.[0]", "[", "a b[", "$$", "['']"]
)
def test_json_locators_that_cannot_be_read(locator: str) -> None:
    if locator == "$$":
        assert json_steps(locator) == ["$$"], "a name like any other"
        return
    assert "is not a JSON locator" in check_locator("JSON", locator)
    assert read_answer("JSON", DOCUMENT, "", [Locate(locator)])[0] == [None]


@pytest.mark.parametrize("locator", ["", "/", "//a", "/a//b", "/a/", "/a[0]", "/a[x]", "/@a/b", "/a b", "/*[", "/@"])
def test_xml_locators_that_cannot_be_read(locator: str) -> None:
    assert "is not an XML locator" in check_locator("xml", locator)
    assert read_answer("xml", XML, "", [Locate(locator)])[0] == [None]


@given(st.text(max_size=30), st.binary(max_size=60))
def test_nothing_in_a_locator_or_an_answer_raises(locator: str, body: bytes) -> None:
    for type in ("json", "xml"):
        values, issues = read_answer(type, body, locator, [Locate(locator)])
        assert len(values) <= 1
        assert len(issues) <= 1
        check_locator(type, locator)
    for body in (DOCUMENT, XML):
        read_answer("json", body, "", [Locate(locator)])
        read_answer("xml", body, "", [Locate(locator)])


def test_steps() -> None:
    assert json_steps("$.items[0].price") == ["items", 0, "price"]
    assert xml_steps("/items/item[2]/@x:id") == [("items", 1), ("item", 2), ("@id", 0)]


# ---- types ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("datatype", "text", "kept"),
    [
        ("string", " a ", " a "), ("number", "82.40", "82.40"), ("number", " 7 ", "7"), ("number", "seven", None),
        ("number", "", None), ("number", "NaN", None), ("boolean", "true", "true"), ("boolean", "No", "No"),
        ("boolean", "perhaps", None), ("date", "2026-11-09", "2026-11-09"), ("date", "09/11/2026", None),
        ("datetime", "2026-11-09T14:30:00Z", "2026-11-09T14:30:00Z"), ("datetime", "yesterday", None),
    ],
)  # fmt: skip
def test_types(datatype: Any, text: str, kept: str | None) -> None:
    body = json.dumps({"a": text}).encode()
    values, issues = read_answer("JSON", body, "", [Locate("a", datatype)])
    assert values == [kept]
    assert bool(issues) == (kept is None)
    assert all(not text.strip() or text not in issue for issue in issues), "an issue never holds the value"


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"[" * 200_000, b'{"a":NaN}', b"\xff", b"{'a':1}"])
def test_bodies_that_are_not_json_give_no_values(body: bytes) -> None:
    assert read_answer("json", body, "", [Locate("a"), Locate("b")]) == ([], ["The answer is not JSON."])
    assert read_answer("json", body, "", []) == ([], []), "nothing is looked for"


def test_long_values_are_not_kept() -> None:
    values, issues = read_answer("json", b'{"a":"' + b"x" * 40_000 + b'"}', "", [Locate("a")])
    assert (values, len(issues)) == ([None], 1)


# ---- settings and checks --------------------------------------------------------------------------------------------


def problems(settings: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(p.code, p.field) for p in DataConnector(DataConnectorSettings.model_validate(settings)).check()]


def asked(**more: Any) -> dict[str, Any]:
    return {"request": {"method": "POST", "url": "https://a.example/"} | more}


@pytest.mark.parametrize(
    "url", ["ftp://a/", "a.example", "https://u:p@a.example/", "https://a b/", "http://a.example/../x"]
)
def test_addresses_are_checked_while_drawing(url: str) -> None:
    assert problems(asked(url=url)) == [("bad_address", "request.url")]


@pytest.mark.parametrize("url", ["https://a.example/$(A)?b=#(C)", "$(Base)/x", "#(Base)", "https://$(Host):8080/x"])
def test_placeholders_stand_for_something_good(url: str) -> None:
    assert problems(asked(url=url)) == []


def test_headers_locators_and_destinations_are_checked() -> None:
    rows = [{"id": "1", "key": "Host", "value": "a"}, {"id": "2", "key": "X-$(A)", "value": ""}]
    assert problems(asked(headers=rows)) == [("bad_header", "request.headers.0.key")]
    assert problems(asked(method="GET", body="x")) == [("body_with_get", "request.body")]
    fields = [
        {"id": "1", "locator": "a..b", "destination": "A"},
        {"id": "2", "locator": "b", "destination": "a"},
        {"id": "3", "locator": "c", "destination": "Code"},
    ]
    assert problems({**asked(), "response": {"status_destination": "Code", "fields": fields}}) == [
        ("bad_locator", "response.fields.0.locator"),
        ("written_twice", "response.fields.1.destination"),
        ("written_twice", "response.fields.2.destination"),
    ]


@pytest.mark.parametrize(
    ("settings", "type", "loc"),
    [
        ({}, "missing", ("request",)),
        ({"request": {}}, "missing", ("request", "url")),
        (asked(url="  "), "too_short", ("request", "url")),
        (asked(url="http://a\nb"), "control_characters", ("request", "url")),
        (asked(body="a\x07"), "control_characters", ("request", "body")),
        (asked(url="x" * 4001), "string_too_long", ("request", "url")),
        (asked(body="x" * 50_001), "string_too_long", ("request", "body")),
        (asked(method="get"), "literal_error", ("request", "method")),
        (asked(extra=1), "extra_forbidden", ("request", "extra")),
        ({**asked(), "seconds": 11}, "less_than_equal", ("seconds",)),
        (
            asked(headers=[{"id": "1", "key": "a"}, {"id": "1", "key": "b"}]),
            "duplicate",
            ("request", "headers", 1, "id"),
        ),
    ],
)
def test_settings_are_refused_with_a_path(settings: dict[str, Any], type: str, loc: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        DataConnectorSettings.model_validate(settings)
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [(type, loc)]


def test_white_space_and_line_ends_are_tidied() -> None:
    model = DataConnectorSettings.model_validate(asked(url=" https://a.example/ \n", body="\r\n a\r\nb \n"))
    assert (model.request.url, model.request.body) == ("https://a.example/", "a\nb")


def test_static_facts() -> None:
    applet = DataConnector(DataConnectorSettings.model_validate(from_xml(EXAMPLE)))
    assert applet.reads() == {"IVRSlot|AccountNumber", "CallGuid", "CLID", "HarbourWater|BalanceDue"}
    assert applet.writes() == {
        "HarbourWater|StartPaymentCode", "HarbourWater|PaymentSession", "HarbourWater|PaymentLine",
        "HarbourWater|PaymentClid",
    }  # fmt: skip
    assert applet.secrets() == {"HarbourBillingKey"}


@pytest.mark.parametrize(
    ("before", "value", "encoded"),
    [
        ("", "https://a.example", "https://a.example"),
        ("https://", "a.example:80", "a.example:80"),
        ("https://", "u@b/c", "u%40b%2Fc"),
        ("https://a.example/", "a/b c", "a%2Fb%20c"),
        ("https://a.example/?q=", "a&b=c#d", "a%26b%3Dc%23d"),
        ("https://a.example?q=", "/", "%2F"),
        ("h/v1/", "a/b", "a%2Fb"),
    ],
)
def test_values_are_encoded_by_position(before: str, value: str, encoded: str) -> None:
    assert encode_at(before, value) == encoded


def test_names_of_headers() -> None:
    assert header_name_trouble("X-Api-Key") == ""
    assert header_name_trouble("x-forwarded-PROTO")
    assert header_name_trouble("a\nb") == "A header's name is not one."


def test_an_empty_document_is_not_xml() -> None:
    with pytest.raises(BadXml):
        parse(b"<!-- only a comment -->")
