"""What all views of the API share: whose account it is, who may do what, how bodies are read and lists are cut."""

from __future__ import annotations

import json
import math
from typing import Any, TypeVar

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from pydantic import BaseModel
from rest_framework import exceptions, parsers, permissions, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from callplans.access import Action, allows, membership
from callplans.engine.words import clean
from callplans.models import Account, Member
from designer.api.errors import TooLarge
from designer.api.shapes import ErrorAnswer

DEEPEST = 40
"""How deeply lists and objects of a request may be nested."""

M = TypeVar("M", bound=BaseModel)


class JsonParser(parsers.JSONParser):
    """JSON of a bounded size and depth, with text and numbers that every database takes."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        raw = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(raw) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        try:
            return _checked(json.loads(raw.decode("utf-8"), parse_constant=_no_constant), 0)
        except (ValueError, RecursionError) as error:
            raise exceptions.ParseError(f"This is not JSON we can read: {str(error)[:200]}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number")


def _checked(value: Any, depth: int) -> Any:
    if depth > DEEPEST:
        raise ValueError("it is nested too deeply")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(name): _checked(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_checked(inner, depth + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is too large")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**63:
        raise ValueError("a number is too large")
    return value


class InAccount(permissions.BasePermission):
    """Signed in, member of an account, with the right that the view wants for this request."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return False
        member = membership(request.user)
        if member is None:
            raise exceptions.PermissionDenied("You are not a member of any account.", "no_account")
        request.member = member  # type: ignore[attr-defined]  # ours, for the length of the request
        return allows(member.role, view.right(request))


class Schema(AutoSchema):
    """Every operation can also answer with an error of the one shape; an answer has all its fields."""

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "response" and schema.get("properties"):
            schema["required"] = list(schema["properties"])
        return schema

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        component = self.resolve_serializer(ErrorAnswer, "response")
        schema = component.ref if component else {}
        bodies["default"] = {"content": {"application/json": {"schema": schema}}, "description": "What went wrong."}
        return bodies


class Pages(PageNumberPagination):
    """{count, next: number of the next page or null, results}; `?page=`, `?size=`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "size"

    def get_paginated_response(self, data: Any) -> Response:
        page: Any = self.page
        following = page.next_page_number() if page.has_next() else None
        return Response({"count": page.paginator.count, "next": following, "results": data})

    def get_paginated_response_schema(self, schema: Any) -> Any:
        return {
            "type": "object",
            "required": ["count", "next", "results"],
            "properties": {
                "count": {"type": "integer"},
                "next": {"type": "integer", "nullable": True, "description": "Number of the next page."},
                "results": schema,
            },
        }


class AccountMixin:
    """Views of one account. `reading` and `writing`: the right that each kind of request needs; `rights`: the right
    of single actions of a viewset."""

    permission_classes = (InAccount,)
    parser_classes = (JsonParser,)
    pagination_class = Pages
    metadata_class = None  # OPTIONS: the schema says what there is
    schema = Schema()
    reading: Action = "view"
    writing: Action = "edit"
    rights: dict[str, Action] = {}
    request: Request

    def right(self, request: Request) -> Action:
        action = getattr(self, "action", None)
        if action in self.rights:
            return self.rights[action]
        return self.reading if request.method in permissions.SAFE_METHODS else self.writing

    @property
    def member(self) -> Member:
        return self.request.member  # type: ignore[attr-defined]  # set by InAccount

    @property
    def account(self) -> Account:
        return self.member.account

    def body(self, shape: type[M]) -> M:
        """The request's body in this shape. Raises pydantic's ValidationError, which is answered as 400."""
        return shape.model_validate(self.request.data)


class AccountView(AccountMixin, APIView):
    """A single view of an account."""


class Ours(serializers.PrimaryKeyRelatedField):
    """A reference to a row of the same account; any other id does not exist."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(account=self.context["view"].account)
