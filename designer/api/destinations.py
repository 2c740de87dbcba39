"""Destinations: the numbers and named routes that reach a plan."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from callplans.models import Connection, Destination, DestinationKind, Mapping
from designer.api.base import Ours
from designer.api.rows import ROUTE, RowSerializer, RowViewSet, SeedSerializer, number, once_each


class ReachedBySerializer(serializers.ModelSerializer):
    """A mapping of a destination, in short."""

    live_plan_name = serializers.CharField(source="live_plan.name", read_only=True)

    class Meta:
        model = Mapping
        fields = ["id", "priority", "live_plan", "live_plan_name"]
        read_only_fields = fields


class DestinationSerializer(RowSerializer):
    """`address`: E.164 of a phone number, or the name of a route; `seeds`: data sources set when a call begins."""

    unique_in_account = "address"
    connection = Ours(queryset=Connection.objects.all(), allow_null=True, required=False)
    connection_name = serializers.CharField(source="connection.name", read_only=True, allow_null=True)
    name = serializers.CharField(max_length=120)
    address = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    seeds = SeedSerializer(many=True, required=False)
    mappings = ReachedBySerializer(many=True, read_only=True)

    class Meta:
        model = Destination
        fields = [
            "id", "connection", "connection_name", "kind", "address", "name", "description", "seeds", "mappings",
        ]  # fmt: skip

    def validate_seeds(self, seeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return once_each(seeds)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        was: Any = self.instance
        kind = attrs.get("kind", was.kind if was else DestinationKind.PSTN)
        address = attrs.get("address", was.address if was else "")
        if kind == DestinationKind.PSTN:
            try:
                attrs["address"] = number(address)
            except serializers.ValidationError as error:
                raise serializers.ValidationError({"address": error.detail}) from None
        elif not ROUTE.fullmatch(address):
            words = serializers.ErrorDetail("A route has letters, digits, dots, dashes, underscores.", "not_a_route")
            raise serializers.ValidationError({"address": [words]})
        return super().validate(attrs)

    def create(self, validated_data: dict[str, Any]) -> Destination:
        return Destination.objects.create(**validated_data)

    def update(self, instance: Destination, validated_data: dict[str, Any]) -> Destination:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save()
        return instance


class DestinationViewSet(RowViewSet):
    """Phone numbers and named routes."""

    queryset = Destination.objects.select_related("connection").prefetch_related("mappings__live_plan")
    serializer_class = DestinationSerializer
    searched = ("name", "address", "description")
