"""The applet catalogue: every type with its settings, exits and help."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from callplans.engine.applet import register
from designer.api import shapes
from designer.api.base import AccountView


class AppletsView(AccountView):
    pagination_class = None

    @extend_schema(operation_id="applets", responses={200: shapes.AppletTypes})
    def get(self, request: Request) -> Response:
        """All applet types: what the palette offers and the forms are drawn from."""
        return Response([kind.describe() for kind in register.all()])
