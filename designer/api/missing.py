"""What every other address below /api/v1/ answers."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


@extend_schema(exclude=True)
class MissingView(APIView):
    """404 in the one shape, whatever the method; also for those who are signed out."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def missing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise Http404

    get = post = put = patch = delete = options = missing
