"""Payment lines: the only numbers that Self Service Transfer to PCI may dial."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from callplans.engine.adapter import adapters
from callplans.models import Connection, PaymentLine
from callplans.plans import forget_account
from designer.api.rows import NumberField, RowSerializer, RowViewSet


class PaymentLineSerializer(RowSerializer):
    """A number of the payment system, with the caller ids it may be shown. `warnings`: which connections cannot show
    them."""

    unique_in_account = "number"
    number = NumberField()
    name = serializers.CharField(max_length=120)
    caller_ids = serializers.ListField(child=NumberField(), required=False, max_length=1000)
    warnings = serializers.SerializerMethodField()

    class Meta:
        model = PaymentLine
        fields = ["id", "number", "name", "caller_ids", "warnings"]

    def get_warnings(self, line: PaymentLine) -> list[str]:
        found = []
        for name, why, own in self.context["view"].narrow_connections():
            foreign = [caller for caller in line.caller_ids if caller not in own]
            if foreign:
                some = foreign[0] if len(foreign) == 1 else f"{foreign[0]} and {len(foreign) - 1} more"
                found.append(f"{name} cannot show {some}: {why}")
        return found


class PaymentLineViewSet(RowViewSet):
    """Numbers and caller ids, set by owners."""

    queryset = PaymentLine.objects.all()
    serializer_class = PaymentLineSerializer
    searched = ("name", "number")

    def narrow_connections(self) -> list[tuple[str, str, set[str]]]:
        """(name, why, own numbers) of active connections that present only own numbers; one query a request."""
        if not hasattr(self, "_narrow"):
            self._narrow: list[tuple[str, str, set[str]]] = []
            for connection in Connection.objects.filter(account=self.account, active=True):
                adapter = adapters.get(connection.provider)
                why = adapter.can.get("present_any", "yes") if adapter else "yes"
                if why != "yes":
                    own = set(connection.settings.get("own_numbers", []))
                    self._narrow.append((connection.name, why, own))
        return self._narrow

    def perform_create(self, serializer: Any) -> None:
        super().perform_create(serializer)
        forget_account(self.account.pk)

    def perform_update(self, serializer: Any) -> None:
        super().perform_update(serializer)
        forget_account(self.account.pk)

    def perform_destroy(self, instance: Any) -> None:
        super().perform_destroy(instance)
        forget_account(self.account.pk)
