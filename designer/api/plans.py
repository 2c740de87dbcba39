"""Call plans as rows: list, make, rename, copy, delete with what would break."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from callplans import drafts
from callplans.models import Call, Mapping, Plan
from callplans.plans import changes_since_live
from designer.api import shapes
from designer.api.base import AccountMixin
from designer.api.errors import Conflict

SEARCH = OpenApiParameter("search", str, description="In name, description and service name.")
ORDER = OpenApiParameter("order", str, enum=["name", "-name", "modified", "-modified"])
CONFIRM = OpenApiParameter("confirm", bool, description="Delete although calls are mapped to it.")


def plan_row(plan: Plan) -> dict[str, Any]:
    """A plan of `PlansMixin.get_queryset` as a row of the list."""
    found: Any = plan
    return {
        "id": str(plan.pk),
        "name": plan.name,
        "description": plan.description,
        "service_name": plan.service_name,
        "revision": plan.draft.revision,
        "live_version": plan.live.number if plan.live else None,
        "live_version_id": str(plan.live_id) if plan.live_id else None,
        "changes_since_live": changes_since_live(plan),
        "status": "Mapped" if found.mapped else "Unmapped",
        "problems": plan.draft.problem_counts,
        "modified": plan.modified,
        "modified_by": drafts.name_of(plan.modified_by),
        "calls_live": found.calls_live,
    }


class PlansMixin(AccountMixin):
    """Views of the account's plans."""

    def get_queryset(self) -> QuerySet[Plan]:
        calls = Call.objects.filter(plan=OuterRef("pk"), ended_at=None).order_by().values("plan")
        live = calls.annotate(number=Count("pk")).values("number")
        reaching = Mapping.objects.filter(Q(live_plan=OuterRef("pk")) | Q(test_plan=OuterRef("pk")))
        return (
            Plan.objects.filter(account=self.account)
            .select_related("draft", "live", "modified_by")
            .annotate(
                mapped=Exists(reaching),
                calls_live=Coalesce(Subquery(live, output_field=IntegerField()), 0),
            )
        )

    def plan(self, pk: Any) -> Plan:
        """A plan of the account by its id, or 404."""
        found = self.get_queryset().filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class PlanViewSet(PlansMixin, ViewSetMixin, GenericAPIView):
    """The account's call plans."""

    @extend_schema(operation_id="plans", parameters=[SEARCH, ORDER], responses=shapes.PlanRow)
    def list(self, request: Request) -> Response:
        """Call plans, by name."""
        plans = self.get_queryset()
        if search := request.query_params.get("search", "").strip():
            plans = plans.filter(
                Q(name__icontains=search) | Q(description__icontains=search) | Q(service_name__icontains=search)
            )
        order = request.query_params.get("order", "name")
        order = order if order.removeprefix("-") in ("name", "modified") else "name"
        page = self.paginate_queryset(plans.order_by(order, "pk"))
        return self.get_paginated_response([plan_row(plan) for plan in page or ()])

    @extend_schema(operation_id="plan_create", request=shapes.PlanIn, responses={201: shapes.PlanRow})
    def create(self, request: Request) -> Response:
        """A new, empty plan."""
        body = self.body(shapes.PlanIn)
        plan = drafts.create(self.account, request.user, body.name, body.description, body.service_name)
        return Response(plan_row(self.plan(plan.pk)), status=201)

    @extend_schema(operation_id="plan", responses=shapes.PlanRow)
    def retrieve(self, request: Request, pk: Any) -> Response:
        return Response(plan_row(self.plan(pk)))

    @extend_schema(operation_id="plan_change", request=shapes.PlanPatch, responses=shapes.PlanRow)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Rename it, or change what is said about it."""
        plan, body = self.plan(pk), self.body(shapes.PlanPatch)
        for name, value in body.model_dump(exclude_unset=True, exclude_none=True).items():
            setattr(plan, name, value)
        plan.modified_by = request.user
        plan.save(update_fields=["name", "description", "service_name", "modified", "modified_by"])
        return Response(plan_row(plan))

    @extend_schema(operation_id="plan_delete", parameters=[CONFIRM], responses={204: None})
    def destroy(self, request: Request, pk: Any) -> Response:
        """Delete it with its versions and the record of its calls; refused while calls are live, and, unless that was
        confirmed, while calls are mapped to it."""
        confirmed = request.query_params.get("confirm", "").lower() in ("1", "true")
        if confirmed and not self.member.role == "owner" and drafts.impact(self.plan(pk)).mappings:
            raise Conflict(
                "needs_owner", "Calls are mapped to this plan: only an owner can delete it with its mappings."
            )
        drafts.delete(self.plan(pk), confirmed)
        return Response(status=204)

    @extend_schema(operation_id="plan_duplicate", request=shapes.DuplicateIn, responses={201: shapes.PlanRow})
    def duplicate(self, request: Request, pk: Any) -> Response:
        """A new plan with a copy of this one's draft."""
        copy = drafts.duplicate(self.plan(pk), request.user, self.body(shapes.DuplicateIn).name)
        return Response(plan_row(self.plan(copy.pk)), status=201)

    @extend_schema(operation_id="plan_impact", responses=shapes.Impact)
    def impact(self, request: Request, pk: Any) -> Response:
        """What deleting it would take along."""
        found = drafts.impact(self.plan(pk))
        return Response(
            {
                "destinations": found.destinations,
                "mappings": found.mappings,
                "calls_live": found.calls_live,
                "calls_past": found.calls_past,
            }
        )
