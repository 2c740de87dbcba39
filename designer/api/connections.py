"""Connections: an account's access to a telephony provider. Keys go in and never come out."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db.models import Count
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from callplans.engine.adapter import adapters
from callplans.models import Connection
from callplans.models.fields import CannotOpen
from designer.api.errors import Conflict
from designer.api.rows import NumberField, RowViewSet

OURS = "browser"
"""The browser phone: its calls come by trials, nobody connects it."""


class ConnectionSettingsSerializer(serializers.Serializer):
    """`own_numbers`: rented there, E.164; `unsigned`: what a webhook without a signature gets (retry: asked to send
    again); `language`: BCP 47, where a plan names none."""

    own_numbers = serializers.ListField(child=NumberField(), required=False, max_length=1000)
    unsigned = serializers.ChoiceField(choices=["refuse", "retry"], required=False)
    region = serializers.CharField(max_length=32, allow_blank=True, required=False)
    language = serializers.CharField(max_length=16, allow_blank=True, required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {"own_numbers": [], "unsigned": "refuse", "region": "", "language": ""} | super().to_representation(
            instance
        )


class AddressesSerializer(serializers.Serializer):
    """What to paste at the provider."""

    answer = serializers.CharField()
    event = serializers.CharField()
    fallback = serializers.CharField()


class ConnectionSerializer(serializers.ModelSerializer):
    """`secrets`: name -> key, null removes it, names left out are kept; `secrets_set`: names that are set;
    `fallback`: the JSON document sent when we cannot answer otherwise."""

    provider = serializers.CharField(max_length=32)
    name = serializers.CharField(max_length=120)
    settings = ConnectionSettingsSerializer(required=False)
    secrets = serializers.DictField(
        child=serializers.CharField(max_length=10_000, allow_null=True, trim_whitespace=False),
        write_only=True,
        required=False,
    )
    secrets_set = serializers.SerializerMethodField()
    fallback = serializers.CharField(max_length=16_384, allow_blank=True, required=False, trim_whitespace=False)
    active = serializers.BooleanField(required=False)
    addresses = serializers.SerializerMethodField()
    destinations = serializers.SerializerMethodField(help_text="How many destinations come in here.")

    class Meta:
        model = Connection
        fields = [
            "id", "provider", "name", "active", "settings", "fallback", "secrets", "secrets_set", "addresses",
            "destinations",
        ]  # fmt: skip

    def get_secrets_set(self, connection: Connection) -> list[str]:
        try:
            return sorted(name for name, value in connection.secrets.items() if value)
        except CannotOpen:
            return []

    @extend_schema_field(AddressesSerializer)
    def get_addresses(self, connection: Connection) -> dict[str, str]:
        base = f"{settings.PUBLIC_BASE_URL}/hooks/{connection.provider}/{connection.pk}"
        return {name: f"{base}/{name}" for name in ("answer", "event", "fallback")}

    def get_destinations(self, connection: Connection) -> int:
        found: Any = connection
        return found.reached_by if hasattr(found, "reached_by") else connection.destinations.count()

    def validate_provider(self, provider: str) -> str:
        offered = [adapter.provider for adapter in adapters.all() if adapter.provider != OURS]
        if provider not in offered:
            raise serializers.ValidationError(f"Choose one of: {', '.join(offered)}.", "unknown_provider")
        if self.instance is not None and self.instance.provider != provider:
            raise serializers.ValidationError("A connection stays with its provider.", "fixed")
        return provider

    def validate_secrets(self, secrets: dict[str, str | None]) -> dict[str, str | None]:
        for name in secrets:
            if not name.isidentifier() or len(name) > 40:
                raise serializers.ValidationError(f"{name[:40]!r} is not the name of a key.", "invalid")
        return secrets

    def validate_fallback(self, text: str) -> str:
        if text.strip():
            try:
                json.loads(text)
            except (ValueError, RecursionError):
                raise serializers.ValidationError("This is not JSON.", "malformed") from None
        return text.strip()

    def create(self, validated_data: dict[str, Any]) -> Connection:
        secrets = {name: value for name, value in validated_data.pop("secrets", {}).items() if value}
        return Connection.objects.create(secrets=secrets, **validated_data)

    def update(self, instance: Connection, validated_data: dict[str, Any]) -> Connection:
        changed = validated_data.pop("secrets", None)
        if changed:
            try:
                kept = instance.secrets
            except CannotOpen:
                kept = {}
            instance.secrets = {name: value for name, value in (kept | changed).items() if value}
        if "settings" in validated_data:
            instance.settings = instance.settings | validated_data.pop("settings")
        for name, value in validated_data.items():
            setattr(instance, name, value)
        instance.save()
        return instance


class ConnectionViewSet(RowViewSet):
    """Providers' accounts that calls come from."""

    queryset = Connection.objects.annotate(reached_by=Count("destinations")).order_by("name", "id")
    serializer_class = ConnectionSerializer
    searched = ("name", "provider")

    def perform_destroy(self, instance: Connection) -> None:
        live = instance.calls.filter(ended_at=None).count()  # type: ignore[attr-defined]  # Call's reverse side
        if live:
            raise Conflict("calls_live", "Calls are live on this connection.")
        super().perform_destroy(instance)
