"""Requests to the pretend services by their own names, `billing.sandbox` and `pay.sandbox`, see only those services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase

URLCONFS = {"billing.sandbox": "designer.sandbox.billing", "pay.sandbox": "designer.sandbox.pay"}


class SandboxHosts:
    """First in the chain and cheap: one look at the Host header. With SANDBOX off there is no sandbox at all."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self.waits = iscoroutinefunction(get_response)
        if self.waits:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.waits:
            return self._async(request)
        return refused(request) or outside(request, cast(HttpResponseBase, self.get_response(request)))

    async def _async(self, request: HttpRequest) -> HttpResponseBase:
        answer = refused(request)
        if answer is not None:
            return answer
        return outside(request, await cast(Awaitable[HttpResponseBase], self.get_response(request)))


def outside(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """These services stand for somebody else's: what callers keyed is in their addresses, so our log does not list the
    accounts they do not know."""
    if getattr(request, "urlconf", None) in URLCONFS.values():
        answer._has_been_logged = True  # type: ignore[attr-defined]  # how Django itself marks what it has logged
    return answer


def refused(request: HttpRequest) -> HttpResponseBase | None:
    """Points a request to the sandbox's own addresses; an answer where there is none to be had."""
    host = request.META.get("HTTP_HOST", "").partition(":")[0].lower().rstrip(".")  # "name." is the same name
    urlconf = URLCONFS.get(host)
    if settings.SANDBOX:
        if urlconf is not None:
            request.urlconf = urlconf
        return None
    if urlconf is not None or request.path_info.startswith("/sandbox/"):
        return HttpResponseNotFound("There is no sandbox on this server.", content_type="text/plain")
    return None
