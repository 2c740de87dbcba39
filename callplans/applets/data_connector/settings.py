"""Settings of the Data Connector: the Interaction Definition as structure (vcc 5.1, 5.2)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from callplans.engine.applet import Settings
from callplans.engine.form import ItemId, options, unique

# What XML 1.0 cannot carry; it would be lost on the way to the Interaction Definition and back.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_ONE_LINE = re.compile("[\t\n\r]")


def _line(text: str) -> str:
    """One line without white space around it."""
    text = text.strip(" \t\r\n")
    if _UNWRITABLE.search(text) or _NOT_ONE_LINE.search(text):
        raise PydanticCustomError("control_characters", "Line breaks and control characters are not accepted here.")
    return text


def _needed_line(text: str) -> str:
    if not (text := _line(text)):
        raise PydanticCustomError("too_short", "Fill this in.")
    return text


def _block(text: str) -> str:
    """Several lines; white space around them is trimmed, line ends are \\n."""
    if _UNWRITABLE.search(text):
        raise PydanticCustomError("control_characters", "Control characters are not accepted here.")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n")


Line = Annotated[str, AfterValidator(_line)]
NeededLine = Annotated[str, AfterValidator(_needed_line), Field(json_schema_extra={"minLength": 1})]
Block = Annotated[str, AfterValidator(_block)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
AnswerType = Literal["JSON", "XML"]
DataType = Literal["string", "number", "boolean", "date", "datetime"]


class Header(Settings):
    """One header of the request."""

    id: ItemId
    key: NeededLine = Field(
        max_length=200,
        title="Header",
        description="Such as Content-Type.",
        json_schema_extra={"x-placeholders": "all"},
    )
    value: Line = Field(
        "",
        max_length=4_000,
        title="Value",
        description="Text, data sources and custom configuration settings.",
        json_schema_extra={"x-placeholders": "all"},
    )


class AnswerField(Settings):
    """One value found in the answer and the data source it goes to."""

    id: ItemId
    locator: NeededLine = Field(
        max_length=500,
        title="Locator",
        description="Where the value is. In JSON: session.id or items[0].price. In XML: /payment/outcome or "
        "/payment/@id.",
    )
    destination: NeededLine = Field(
        max_length=255,
        title="Data source",
        description="Where the value goes. It becomes empty (null) when the answer does not hold it.",
        json_schema_extra={"x-source": "write"},
    )
    datatype: DataType = Field(
        "string",
        title="Data type",
        description="A value that cannot be read as this type is stored as null and reported.",
        json_schema_extra=options(
            {"string": "String", "number": "Number", "boolean": "Boolean", "date": "Date", "datetime": "DateTime"}
        ),
    )


class RequestSettings(Settings):
    """What is sent."""

    method: Method = Field("GET", title="Method", description="What is asked of the web service.")
    url: NeededLine = Field(
        max_length=4_000,
        title="Address",
        description="Begins with https:// or http://. Values of placeholders are percent-encoded.",
        json_schema_extra={"x-placeholders": "all"},
    )
    headers: list[Header] = Field(
        default_factory=list,
        max_length=50,
        title="Headers",
        description="Sent with the request, such as Content-Type or a key.",
        json_schema_extra={"x-item": "Header", "x-copy": True},
    )
    body: Block = Field(
        "",
        max_length=50_000,
        title="Body",
        description="White space around it is trimmed. Say in a Content-Type header what it is.",
        json_schema_extra={"x-placeholders": "all", "x-widget": "code"},
    )
    escape_json: bool = Field(
        False,
        title="JSON-escape values",
        description="Quotation marks, backslashes and line breaks in the values of placeholders are escaped, so that "
        "they cannot break a JSON body.",
    )

    @field_validator("headers")
    @classmethod
    def _ids(cls, headers: list[Header]) -> list[Header]:
        unique(headers, "id")
        return headers


class ResponseSettings(Settings):
    """How the answer is read."""

    type: AnswerType = Field("JSON", title="Answer is", description="How the body of the answer is read.")
    status_destination: Line = Field(
        "",
        max_length=255,
        title="Data source for the status code",
        description="An HTTP error leaves by the successful exit too: route on this code before using other values.",
        json_schema_extra={"x-source": "write"},
    )
    fields: list[AnswerField] = Field(
        default_factory=list,
        max_length=200,
        title="Values to keep",
        description="Each is found in the answer and written to a data source.",
        json_schema_extra={"x-item": "Value", "x-copy": True},
    )

    @field_validator("fields")
    @classmethod
    def _ids(cls, fields: list[AnswerField]) -> list[AnswerField]:
        unique(fields, "id")
        return fields


class DataConnectorSettings(Settings):
    """The request, the reading of its answer, and how long to wait."""

    request: RequestSettings = Field(
        title="Request",
        description="What the web service is sent.",
        json_schema_extra={"x-section": "Web service interaction"},
    )
    response: ResponseSettings = Field(
        ResponseSettings(),
        title="Answer",
        description="What is kept of the answer.",
        json_schema_extra={"x-section": "Answer"},
    )
    seconds: int = Field(
        10,
        ge=1,
        le=10,
        title="Seconds to wait for the answer",
        description="No answer by then leaves by the interface failure exit.",
        json_schema_extra={"x-unit": "s", "x-section": "Limits"},
    )
    repeatable: bool = Field(
        False,
        title="May be repeated",
        description="Tick it only if sending the request twice does no harm. When a server fails in the middle, "
        "requests other than GET are otherwise not sent again and leave by the interface failure exit.",
        json_schema_extra={"x-section": "Limits"},
    )
