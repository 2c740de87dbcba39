"""The pretend payment system, http://pay.sandbox: start a session, then ask what came of it.

POST /v1/sessions {"callId", "callerNumber", "account", "amount", "currency"}, header X-Api-Key
    -> 201 {"session": {"id"}, "transfer": {"number", "clid"}} | 400 | 401
GET /v1/sessions/<id> -> {"session": {"id", "state": "Open" | "Finished"}}
GET /v1/sessions/<id>/result -> <payment><outcome>PAID | DECLINED | ABANDONED | PENDING</outcome><receipt/>...</payment>
    | 404 | 410 once it was over for 15 minutes
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from callplans.engine.words import clean
from designer.models import SandboxPayment
from designer.sandbox import payments
from designer.sandbox.demo import PAY_KEY, PAYMENT_LINE


def keyed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only with the right X-Api-Key."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not hmac.compare_digest(request.headers.get("X-Api-Key", "").encode(), PAY_KEY.encode()):
            return JsonResponse({"error": "wrong or missing X-Api-Key"}, status=401)
        return view(request, *args, **kwargs)

    return checked


@csrf_exempt
@require_POST
@keyed
def sessions(request: HttpRequest) -> HttpResponse:
    try:
        asked = json.loads(request.body)
        account, currency = str(asked["account"]), str(asked.get("currency", "GBP"))
        amount = Decimal(str(asked["amount"])).quantize(Decimal("0.01"))
        payable = Decimal(0) < amount < Decimal(100_000)  # NaN raises here
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation, RecursionError):
        return JsonResponse({"error": "account and amount are needed"}, status=400)
    if not re.fullmatch(r"[0-9A-Za-z-]{1,32}", account) or not re.fullmatch(r"[A-Z]{3}", currency):
        return JsonResponse({"error": "account or currency is not readable"}, status=400)
    if not payable:
        return JsonResponse({"error": "amount must be more than 0 and less than 100000"}, status=400)
    payment = payments.begin(clean(str(asked.get("callId") or "")), account, amount, currency)
    return JsonResponse(
        {"session": {"id": str(payment.pk)}, "transfer": {"number": PAYMENT_LINE, "clid": payment.clid}}, status=201
    )


@require_GET
@keyed
def session(request: HttpRequest, id: UUID) -> HttpResponse:
    payment = SandboxPayment.objects.filter(pk=id).first()
    if payment is None:
        return JsonResponse({"error": "unknown session"}, status=404)
    return JsonResponse({"session": {"id": str(id), "state": "Open" if payment.open else "Finished"}})


@require_GET
@keyed
def result(request: HttpRequest, id: UUID) -> HttpResponse:
    payment = SandboxPayment.objects.filter(pk=id).first()
    if payment is None:
        return _xml("<error>unknown session</error>", 404)
    if not payments.readable(payment):
        return _xml("<error>the result can no longer be read</error>", 410)
    fields = {
        "outcome": payment.outcome,
        "receipt": payment.receipt,
        "amount": f"{payment.amount:.2f}",
        "currency": payment.currency,
    }
    return _xml(f"<payment>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in fields.items())}</payment>")


def _xml(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', status=status, content_type="application/xml"
    )


urlpatterns = [
    path("v1/sessions", sessions),
    path("v1/sessions/<uuid:id>", session),
    path("v1/sessions/<uuid:id>/result", result),
]
