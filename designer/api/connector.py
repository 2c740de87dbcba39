"""The Data Connector's tools: run its request once, and its settings as an Interaction Definition and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from pydantic import Field, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from callplans import effects
from callplans.access import Action
from callplans.applets.data_connector.definition import DefinitionError, from_xml, to_xml
from callplans.models import Account, Secret
from callplans.models.fields import CannotOpen
from callplans.operations import FieldError, Invalid
from designer.api.base import AccountMixin, AccountView
from designer.api.errors import answer, fields_of
from designer.api.plans import PlansMixin
from designer.api.shapes import Shape


class ConnectorTestIn(Shape):
    """Settings of a Data Connector, saved or not, and sample values by name of data source."""

    settings: dict[str, Any]
    values: dict[str, str] = Field(default_factory=dict, max_length=500)


class SentHeader(Shape):
    key: str
    value: str


class SentRequest(Shape):
    """The request as it was sent, settings as bullets."""

    method: str
    url: str
    headers: list[SentHeader]
    body: str


class LocatedValue(Shape):
    destination: str
    value: str | None
    issues: list[str]


class ConnectorTestOut(Shape):
    """`status` null and `error`: there was no answer, `words` say why. `body`: the answer; nothing of it is kept."""

    request: SentRequest
    status: int | None
    seconds: float
    values: list[LocatedValue]
    issues: list[str]
    body: str
    error: str
    words: str


class ConnectorXml(Shape):
    """One of them. With `xml`, `settings` may be the ones it was made from: their ids are kept."""

    xml: str | None = None
    settings: dict[str, Any] | None = None


class PlaceholdersIn(Shape):
    settings: dict[str, Any]


class Placeholders(Shape):
    """Distinct names of data sources a definition reads, in order of appearance."""

    names: list[str]


def resolver(account: Account) -> Callable[[str], str | None]:
    """key -> value, None for a setting that is null on purpose; LookupError for one that is missing or empty."""

    def resolve(key: str) -> str | None:
        secret = Secret.objects.filter(account=account, key__iexact=key).first()
        if secret is None:
            raise LookupError(key)
        try:
            return secret.value
        except CannotOpen:
            raise LookupError(key) from None

    return resolve


class ConnectorTestView(PlansMixin, APIView):
    """Run test."""

    writing: Action = "edit"

    @extend_schema(operation_id="connector_test", request=ConnectorTestIn, responses=ConnectorTestOut)
    def post(self, request: Request, pk: Any) -> Response:
        """Send the request once with sample values and show what comes back."""
        self.plan(pk)
        body = self.body(ConnectorTestIn)
        try:
            return Response(effects.run_test(body.settings, body.values, resolver(self.account)))
        except ValidationError as error:
            raise Invalid(fields_of(error, "settings")) from None


class ConnectorPlaceholdersView(AccountView):
    writing: Action = "view"

    @extend_schema(operation_id="connector_placeholders", request=PlaceholdersIn, responses=Placeholders)
    def post(self, request: Request) -> Response:
        """What Define placeholders asks sample values for."""
        try:
            return Response({"names": effects.placeholders(self.body(PlaceholdersIn).settings)})
        except ValidationError as error:
            raise Invalid(fields_of(error, "settings")) from None


class ConnectorXmlView(AccountMixin, APIView):
    writing: Action = "view"

    @extend_schema(operation_id="connector_xml", request=ConnectorXml, responses=ConnectorXml)
    def post(self, request: Request) -> Response:
        """XML to settings, or settings to XML."""
        body = self.body(ConnectorXml)
        if body.xml is None:
            if body.settings is None:
                raise Invalid([FieldError("xml", "required", "Send xml or settings.")])
            return Response({"xml": to_xml(body.settings)})
        try:
            return Response({"settings": from_xml(body.xml, body.settings)})
        except DefinitionError as error:
            lines = [{"words": words, "line": line, "path": path} for words, line, path in error.problems]
            fields = [
                {"path": "xml", "code": "bad_definition", "message": one["words"], "applet": None,
                 "field": one["path"] or None}
                for one in lines
            ]  # fmt: skip
            return answer(400, "bad_definition", str(error), fields, lines=lines)
