"""Mappings: which plan answers which destinations."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from callplans.models import Destination, Mapping, Plan
from designer.api.base import Ours
from designer.api.rows import NumberField, RowViewSet, SeedSerializer, once_each


class MappingSerializer(serializers.ModelSerializer):
    """Destinations -> live plan; callers listed in `sources` reach the test plan. The highest priority counts, at a
    tie the one modified last."""

    destinations = Ours(queryset=Destination.objects.all(), many=True, allow_empty=False)
    live_plan = Ours(queryset=Plan.objects.all())
    live_plan_name = serializers.CharField(source="live_plan.name", read_only=True)
    live_published = serializers.SerializerMethodField(help_text="Whether the live plan was ever published.")
    test_plan = Ours(queryset=Plan.objects.all(), allow_null=True, required=False)
    test_plan_name = serializers.CharField(source="test_plan.name", read_only=True, allow_null=True)
    sources = serializers.ListField(child=NumberField(), required=False, max_length=500)
    seeds = SeedSerializer(many=True, required=False)
    priority = serializers.IntegerField(min_value=1, max_value=10_000, required=False)

    class Meta:
        model = Mapping
        fields = [
            "id", "destinations", "live_plan", "live_plan_name", "live_published", "test_plan", "test_plan_name",
            "sources", "seeds", "priority", "modified",
        ]  # fmt: skip
        read_only_fields = ["id", "modified"]

    def get_live_published(self, mapping: Mapping) -> bool:
        return mapping.live_plan.live_id is not None

    def validate_seeds(self, seeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return once_each(seeds)

    def create(self, validated_data: dict[str, Any]) -> Mapping:
        destinations = validated_data.pop("destinations")
        mapping = Mapping.objects.create(**validated_data)
        mapping.destinations.set(destinations)
        return mapping

    def update(self, instance: Mapping, validated_data: dict[str, Any]) -> Mapping:
        destinations = validated_data.pop("destinations", None)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save()
        if destinations is not None:
            instance.destinations.set(destinations)
        return instance


class MappingViewSet(RowViewSet):
    """Which plan answers."""

    queryset = Mapping.objects.select_related("live_plan", "test_plan").prefetch_related("destinations")
    serializer_class = MappingSerializer
    searched = ("live_plan__name", "destinations__name", "destinations__address")
