"""Drawings: the draft and its edits, publishing, versions, and calling the draft from the browser."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from callplans import drafts
from callplans.calls import begin_trial
from callplans.models import PlanVersion, VersionState
from callplans.operations import FieldError, Invalid
from callplans.plans import check, version_json
from designer.api import shapes
from designer.api.plans import PlansMixin


class DraftViewSet(PlansMixin, ViewSetMixin, GenericAPIView):
    """A plan's drawing."""

    rights = {"publish": "publish", "trials": "call"}

    def draft_of(self, pk: Any) -> PlanVersion:
        version = (
            PlanVersion.objects.filter(state=VersionState.DRAFT, plan=pk, plan__account=self.account)
            .select_related("plan__draft", "plan__live")
            .first()
        )
        if version is None:
            raise Http404
        return version

    @extend_schema(operation_id="draft", responses=shapes.Drawing)
    def draft(self, request: Request, pk: Any) -> Response:
        """The draft whole: drawing, problems, and the names its pickers offer."""
        return Response(version_json(self.draft_of(pk), self.member.role))

    @extend_schema(operation_id="operations", request=shapes.Batch, responses=shapes.Applied)
    def operations(self, request: Request, pk: Any) -> Response:
        """Apply a batch of edits to the revision it was made for. All of it or nothing; a batch sent again is not
        applied again. 409 stale_revision tells what others changed meanwhile."""
        version = self.draft_of(pk)
        revision, operations = _batch(request.data)
        applied = drafts.apply(version.plan, request.user, revision, operations)
        problems = check(self.draft_of(pk))
        return Response({"revision": applied.revision, "problems": [problem.to_json() for problem in problems]})

    @extend_schema(operation_id="publish", request=shapes.PublishIn, responses={201: shapes.VersionRow})
    def publish(self, request: Request, pk: Any) -> Response:
        """Freeze the draft under the next number and make it live."""
        plan, body = self.draft_of(pk).plan, self.body(shapes.PublishIn)
        version = drafts.publish(plan, request.user, body.note, body.accept_open_exits, body.revision)
        return Response(_version_row(version, plan.live_id), status=201)

    @extend_schema(operation_id="versions", responses=shapes.VersionRows)
    def versions(self, request: Request, pk: Any) -> Response:
        """Published versions, the newest first."""
        plan = self.draft_of(pk).plan
        published = plan.versions.filter(state=VersionState.PUBLISHED).select_related("author").order_by("-number")
        return Response([_version_row(version, plan.live_id) for version in published])

    @extend_schema(operation_id="version", responses=shapes.Drawing)
    def version(self, request: Request, pk: Any) -> Response:
        """A frozen version as it was drawn."""
        version = (
            PlanVersion.objects.filter(pk=pk, plan__account=self.account)
            .select_related("plan__draft", "plan__live")
            .first()
        )
        if version is None:
            raise Http404
        return Response(version_json(version, self.member.role))

    @extend_schema(operation_id="trial_begin", request=shapes.TrialIn, responses={201: shapes.TrialOut})
    def trials(self, request: Request, pk: Any) -> Response:
        """Freeze the draft as it is shown and prepare a call to it from the browser phone."""
        plan, body = self.draft_of(pk).plan, self.body(shapes.TrialIn)
        version = drafts.freeze_trial(plan, request.user, body.revision)
        trial = begin_trial(version, request.user, body.clid)
        answer = {"call": str(trial.call), "key": trial.key, "answer": trial.answer, "revision": version.revision}
        return Response(answer, status=201)


def _batch(data: Any) -> tuple[int, Any]:
    """The revision and the operations; these are read by `drafts.apply`, whose errors name applet and field."""
    if not isinstance(data, dict):
        raise Invalid([FieldError("", "dict_type", "Send an object with revision and operations.")])
    revision = data.get("revision")
    if not isinstance(revision, int) or isinstance(revision, bool) or revision < 0:
        raise Invalid([FieldError("revision", "int_type", "The revision the batch is based on is missing.")])
    return revision, data.get("operations")


def _version_row(version: PlanVersion, live: Any) -> dict[str, Any]:
    return {
        "id": str(version.pk),
        "number": version.number,
        "revision": version.revision,
        "note": version.note,
        "author": drafts.name_of(version.author),
        "published_at": version.published_at,
        "live": version.pk == live,
    }
