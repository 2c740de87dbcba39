"""The payment system's own handset: where the caller keys the card. No part of the call plan, and never near our hooks.

POST /sandbox/line/open {number, clid} -> {line, amount, currency, says}: whoever shows the right caller id is found
POST /sandbox/line/<line> {"do": "card", "number"} | {"do": "declined" | "give_up" | "fail"} -> {outcome, says, ended}
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from callplans.engine.words import clean
from designer.models import SandboxPayment
from designer.sandbox import payments
from designer.sandbox.demo import PAYMENT_LINE

SAYS = {
    "PAID": "Thank you. Your payment has been taken.",
    "DECLINED": "I am sorry, your card was declined.",
    "ABANDONED": "The payment has been cancelled.",
    "FAILED": "",
}
DOES = {"declined": "DECLINED", "give_up": "ABANDONED", "fail": "FAILED"}


def wrong(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": {"code": code, "message": message, "fields": []}}, status=status)


def asked(request: HttpRequest) -> dict[str, Any] | None:
    """The JSON object posted. Only as JSON: a form of another site cannot send that without being asked first."""
    if request.content_type != "application/json":
        return None
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


@csrf_exempt
@require_POST
def open_line(request: HttpRequest) -> JsonResponse:
    said = asked(request)
    if said is None:
        return wrong(400, "not_json", "Post a JSON object.")
    payment = payments.find(clean(str(said.get("clid") or ""))) if said.get("number") == PAYMENT_LINE else None
    if payment is None:
        return wrong(404, "no_session", "The payment system does not know this call.")
    return JsonResponse(
        {
            "line": payment.line,
            "amount": f"{payment.amount:.2f}",
            "currency": payment.currency,
            "says": "Key your card number, then press hash.",
        }
    )


@csrf_exempt
@require_POST
@sensitive_variables()
def line(request: HttpRequest, line: str) -> JsonResponse:
    said = asked(request)
    if said is None:
        return wrong(400, "not_json", "Post a JSON object.")
    payment = SandboxPayment.objects.filter(line=clean(line), open=True).first()
    if payment is None:
        return wrong(404, "no_session", "This line is closed.")
    do = said.get("do")
    if do == "card":
        card = "".join(c for c in str(said.get("number") or "") if c not in " -")
        outcome = payments.TEST_CARDS.get(card)
        if outcome is None:
            return wrong(
                422,
                "not_a_test_card",
                "This is a pretend payment system: 4111 1111 1111 1111 pays, 4000 0000 0000 0002 is declined.",
            )
    else:
        outcome = DOES.get(do) if isinstance(do, str) else None
        if outcome is None:
            return wrong(400, "unknown_do", "do is card, declined, give_up or fail.")
    payments.finish(payment, outcome)
    return JsonResponse({"outcome": outcome, "says": SAYS[outcome], "ended": True})


urlpatterns = [path("open", open_line), path("<str:line>", line)]
