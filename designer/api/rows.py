"""What the owner's resources share: seeds, telephone numbers, rows of one account, and their viewset."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import QuerySet
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from callplans.access import Action
from designer.api.base import AccountMixin

E164 = re.compile(r"\+[1-9][0-9]{5,14}")
ROUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,119}")


def number(text: str) -> str:
    """A telephone number as E.164; spaces, dashes and brackets people type are dropped."""
    bare = re.sub(r"[\s().-]", "", text)
    if not E164.fullmatch(bare):
        raise serializers.ValidationError("Write the number with + and country code, e.g. +441632960100.", "not_e164")
    return bare


class NumberField(serializers.CharField):
    """A telephone number, kept as E.164."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)

    def to_internal_value(self, data: Any) -> str:
        return number(super().to_internal_value(data))


class SeedSerializer(serializers.Serializer):
    """A data source set when a call begins."""

    name = serializers.CharField(max_length=255)
    value = serializers.CharField(max_length=10_000, allow_blank=True, trim_whitespace=False)


def once_each(seeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Refuse two seeds of one name."""
    seen: set[str] = set()
    for seed in seeds:
        if seed["name"].casefold() in seen:
            raise serializers.ValidationError(f"{seed['name']} is there twice.", "duplicate_key")
        seen.add(seed["name"].casefold())
    return seeds


class RowViewSet(
    AccountMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    mixins.DestroyModelMixin,
    GenericViewSet,
):
    """Rows of the account: seen by all members, changed by owners. `?search=` looks in `searched`."""

    writing: Action = "manage"
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    queryset: QuerySet[Any]
    searched: tuple[str, ...] = ()

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset.none()
        return self.queryset.filter(account=self.account)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        search = self.request.query_params.get("search", "").strip()
        if not search or self.action != "list":
            return queryset
        found = queryset.none()
        for name in self.searched:
            found = found | queryset.filter(**{f"{name}__icontains": search})
        return found.distinct()

    def perform_create(self, serializer: Any) -> None:
        serializer.save(account=self.account)


class RowSerializer(serializers.ModelSerializer):
    """A row that is unique in its account by one field, told in words before the database says no."""

    unique_in_account: str = ""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        name = self.unique_in_account
        if name and name in attrs:
            model: Any = self.Meta.model  # type: ignore[attr-defined]  # every subclass has Meta
            others = model.objects.filter(account=self.context["view"].account, **{f"{name}__iexact": attrs[name]})
            if self.instance is not None:
                others = others.exclude(pk=self.instance.pk)
            if others.exists():
                raise serializers.ValidationError(
                    {name: [serializers.ErrorDetail("This is there already.", "duplicate_key")]}
                )
        return attrs
