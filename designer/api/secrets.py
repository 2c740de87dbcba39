"""Custom configuration settings: set, never shown."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from callplans.models import Secret
from callplans.models.fields import CannotOpen
from designer.api.rows import RowSerializer, RowViewSet


class SecretSerializer(RowSerializer):
    """An encrypted value that plans use as #(key). `value` null: null on purpose, the placeholder is removed; an empty
    value: a Data Connector that needs it leaves by its interface failure."""

    unique_in_account = "key"
    key = serializers.RegexField(
        r"^[^()\s][^()]*$", max_length=255, error_messages={"invalid": "A key has no brackets."}
    )
    value = serializers.CharField(
        max_length=10_000, write_only=True, allow_null=True, allow_blank=True, required=False, trim_whitespace=False
    )
    has_value = serializers.SerializerMethodField()
    is_null = serializers.SerializerMethodField()

    class Meta:
        model = Secret
        fields = ["id", "key", "value", "has_value", "is_null", "updated"]
        read_only_fields = ["id", "updated"]

    def get_has_value(self, secret: Secret) -> bool:
        try:
            return bool(secret.value)
        except CannotOpen:
            return False

    def get_is_null(self, secret: Secret) -> bool:
        return secret.__dict__["value"] is None

    def create(self, validated_data: dict[str, Any]) -> Secret:
        return Secret.objects.create(**({"value": ""} | validated_data))


class SecretViewSet(RowViewSet):
    """Values are write-only. Plans name a setting by its key, so renaming one breaks them: make a new one instead."""

    queryset = Secret.objects.all()
    serializer_class = SecretSerializer
    searched = ("key",)
