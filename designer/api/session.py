"""Who is signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.middleware.csrf import get_token
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from callplans.drafts import name_of
from designer.api import shapes
from designer.api.base import AccountView


class SessionView(AccountView):
    @extend_schema(operation_id="session", responses=shapes.Session)
    def get(self, request: Request) -> Response:
        """The person, their account and role, and the token that every change must carry."""
        user: Any = request.user
        return Response(
            {
                "user": {"id": user.pk, "name": name_of(user), "email": user.email},
                "account": {
                    "id": str(self.account.pk),
                    "name": self.account.name,
                    "role": self.member.role,
                    "zone": self.account.zone,
                    "language": self.account.language,
                },
                "csrf": get_token(request),
                "embedded": settings.EMBEDDED,
                "sandbox": settings.SANDBOX,
            }
        )
