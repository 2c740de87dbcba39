"""The pretend billing service, http://billing.sandbox: accounts with balances, and some that misbehave.

GET /v2/accounts/<number> -> 200 {"account": {"number", "name", "balance", "currency"}} | 404 {"error"}
44170921 owes 82.40, 44170922 owes 19.05, 44170923 owes nothing; 50000001 answers after 4 s, 50000002 after 30 s,
50000003 with 500, 50000004 with HTML, 50000005 without end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_GET

ACCOUNTS = {
    "44170921": ("Alex Rivers", "82.40"),
    "44170922": ("Sam Brook", "19.05"),
    "44170923": ("Robin Lake", "0.00"),
    "50000001": ("Slow Stream", "12.00"),
    "50000002": ("Slower Stream", "12.00"),
}
DELAYS = {"50000001": 4.0, "50000002": 30.0}  # seconds
ENDLESS_SECONDS = 60
ENDLESS_BYTES = 64 * 1024 * 1024


@require_GET
async def account(request: HttpRequest, number: str) -> HttpResponseBase:
    if number in DELAYS:
        await asyncio.sleep(DELAYS[number])
    if number == "50000003":
        return JsonResponse({"error": "the billing system is down"}, status=500)
    if number == "50000004":
        return HttpResponse("<!doctype html><title>Billing</title><p>Please sign in.</p>", content_type="text/html")
    if number == "50000005":
        return StreamingHttpResponse(endless(), content_type="application/json")
    if number not in ACCOUNTS:
        return JsonResponse({"error": "unknown account"}, status=404)
    name, balance = ACCOUNTS[number]
    return JsonResponse({"account": {"number": number, "name": name, "balance": balance, "currency": "GBP"}})


async def endless() -> AsyncIterator[bytes]:
    """A body that does not end by itself: for a minute or 64 MiB, should nobody hang up before."""
    yield b'{"account": {"name": "'
    until = asyncio.get_running_loop().time() + ENDLESS_SECONDS
    sent = 0
    while sent < ENDLESS_BYTES and asyncio.get_running_loop().time() < until:
        yield b"x" * 16_384
        sent += 16_384
        await asyncio.sleep(0.02)


urlpatterns = [path("v2/accounts/<str:number>", account)]
