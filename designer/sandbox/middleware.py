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
        return refused(request) or cast(HttpResponseBase, self.get_response(request))

    async def _async(self, request: HttpRequest) -> HttpResponseBase:
        answer = refused(request)
        return answer if answer is not None else await cast(Awaitable[HttpResponseBase], self.get_response(request))


def refused(request: HttpRequest) -> HttpResponseBase | None:
    """Points a request to the sandbox's own addresses; an answer where there is none to be had."""
    host = request.META.get("HTTP_HOST", "").partition(":")[0].lower()
    urlconf = URLCONFS.get(host)
    if settings.SANDBOX:
        if urlconf is not None:
            request.urlconf = urlconf
        return None
    if urlconf is not None or request.path_info.startswith("/sandbox/"):
        return HttpResponseNotFound("There is no sandbox on this server.", content_type="text/plain")
    return None
