"""Calls: live and past ones, the picture of one, and ending it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from callplans import access, calls, watching
from callplans.drafts import name_of
from callplans.models import Call
from designer.api.base import AccountMixin
from designer.api.shapes import Shape


class CallPlan(Shape):
    id: UUID
    name: str


class CallVersion(Shape):
    """`number` null: a trial of the draft at `revision`."""

    id: UUID
    number: int | None
    revision: int


class AtApplet(Shape):
    key: str
    name: str


class CallRow(Shape):
    """A call in the list. `seconds`: how long it lasted, or lasts until now."""

    id: UUID
    state: Literal["live", "ended"]
    plan: CallPlan | None
    version: CallVersion | None
    clid: str | None
    dialled: str
    provider: str
    trial: bool
    started_at: datetime
    ended_at: datetime | None
    end_reason: str
    at_applet: AtApplet | None
    seconds: float


class CallEvent(Shape):
    """What happened, numbered per call without gaps. `data` by kind."""

    no: int
    at: datetime
    kind: Literal[
        "started", "entered", "left", "said", "asked", "heard", "set", "did", "issue", "fault", "ignored", "hung_up",
        "moved", "stopped", "ended", "leg", "hold", "recording_file",
    ]  # fmt: skip
    applet: str | None
    data: dict[str, Any]


class SourceNow(Shape):
    """A data source as it stands. `value` null: sealed, never written, or gone with the call's end."""

    name: str
    value: str | None
    length: int | None
    sealed: bool
    collected: bool
    applet: str | None
    masked: bool


class Waiting(Shape):
    """`since`: ISO time; `seconds`: how long it may take."""

    what: str
    applet: str | None
    since: datetime
    seconds: float | None


class Snapshot(Shape):
    """A call whole, as of event number `seq`."""

    call: CallRow
    seq: int
    version_id: UUID | None
    events: list[CallEvent]
    sources: list[SourceNow]
    waiting: Waiting | None


PARAMETERS = [
    OpenApiParameter("state", str, enum=["live", "ended"]),
    OpenApiParameter("plan", UUID),
    OpenApiParameter("search", str, description="In the caller's number and the number dialled."),
    OpenApiParameter("page", int),
    OpenApiParameter("size", int),
]


class CallViewSet(AccountMixin, ViewSetMixin, GenericAPIView):
    """The account's calls."""

    rights = {"end": "call"}

    @extend_schema(operation_id="calls", parameters=PARAMETERS, responses=CallRow)
    def list(self, request: Request) -> Response:
        """Calls, the newest first."""
        asked = request.query_params
        state = asked.get("state") if asked.get("state") in ("live", "ended") else None
        page, size = _whole(asked.get("page"), 1, 100_000), _whole(asked.get("size"), 50, 200)
        count, rows = watching.call_rows(
            self.account.pk, state=state, plan=_uuid(asked.get("plan")), search=asked.get("search", "").strip(),
            page=page, size=size,
        )  # fmt: skip
        following = page + 1 if page * size < count else None
        return Response({"count": count, "next": following, "results": rows})

    @extend_schema(operation_id="call", responses=Snapshot)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Everything that happened in a call so far, and what it waits for."""
        return Response(watching.snapshot(self.call(pk).pk, access.allows(self.member.role, "call")))

    @extend_schema(operation_id="call_end", request=None, responses={204: None})
    def end(self, request: Request, pk: UUID) -> Response:
        """End a live call. One that is over stays as it is."""
        calls.end_call(self.call(pk).pk, name_of(request.user))
        return Response(status=204)

    def call(self, pk: UUID) -> Call:
        found = Call.objects.filter(pk=pk, account=self.account).only("pk").first()
        if found is None:
            raise Http404
        return found


def _whole(text: str | None, default: int, most: int) -> int:
    return min(int(text[:9]), most) if text and text.isascii() and text.isdigit() and int(text[:9]) > 0 else default


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)
