"""The HTML around the canvas: its shell, signing in and out, and pages for what went wrong."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, re_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from callplans.engine.words import clean
from callplans.signin import peek_link, use_link

log = logging.getLogger(__name__)

BACKEND = "django.contrib.auth.backends.ModelBackend"
TRIES, TRIES_SECONDS = 10, 300
"""Wrong passwords one address may send for one name before it has to wait, and how long."""

View = Callable[..., HttpResponse]


def policy(request: HttpRequest) -> str:
    """The Content-Security-Policy of our pages. Scripts come from files only; styles may be inline, because the
    component kit places and sizes things by style attributes."""
    try:
        host = request.get_host()
        sockets = f" ws://{host} wss://{host}"
    except DisallowedHost:
        sockets = ""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": f"'self'{sockets}",
        "worker-src": "'self' blob:",
        "media-src": "'self' blob:",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def page(view: View) -> View:
    """A view whose answer is a page of ours: never cached, and with our policy."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Content-Security-Policy"] = policy(request)
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        return response

    return never_cache(guarded)


# ---- the canvas -----------------------------------------------------------------------------------------------------


def canvas_folder() -> Path:
    return Path(settings.BASE_DIR) / "designer" / "static" / "canvas"


@lru_cache(maxsize=4)
def _read(file: Path, changed: int) -> dict[str, Any]:
    """The manifest as of its last change, so that a new build is seen without a restart."""
    read: dict[str, Any] = json.loads(file.read_text())
    return read


def with_imports(manifest: dict[str, Any], chunk: dict[str, Any]) -> list[dict[str, Any]]:
    """The chunk and all it imports, each once, in the order they are met."""
    met = [chunk]
    for one in met:  # grows while it is walked
        met.extend(found for key in one.get("imports", ()) if (found := manifest.get(key)) and found not in met)
    return met


def built() -> dict[str, Any] | None:
    """What the page must load: {script, styles, modules} as addresses. None while the canvas is not built."""
    for file in (canvas_folder() / "manifest.json", canvas_folder() / ".vite" / "manifest.json"):
        try:
            manifest = _read(file, file.stat().st_mtime_ns)
        except (FileNotFoundError, json.JSONDecodeError):
            continue  # not built, or being built at this moment
        main = next((chunk for chunk in manifest.values() if chunk.get("isEntry")), None)
        if main is None:
            continue
        chunks = with_imports(manifest, main)
        styles = list(dict.fromkeys(name for chunk in chunks for name in chunk.get("css", ())))
        address = f"{settings.STATIC_URL}canvas/"
        return {
            "script": address + main["file"],
            "styles": [address + name for name in styles],
            "modules": [address + chunk["file"] for chunk in chunks[1:]],
        }
    return None


@page
@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD"])
def shell(request: HttpRequest, **_: Any) -> HttpResponse:
    if not request.user.is_authenticated:
        here = request.get_full_path()
        return HttpResponseRedirect("/signin" + ("" if here == "/" else "?" + urlencode({"next": here})))
    canvas = built()
    if canvas is None:
        return render(request, "not_built.html", status=503)
    return render(request, "shell.html", canvas)


# ---- signing in and out ---------------------------------------------------------------------------------------------


def onward(request: HttpRequest) -> str:
    """Where to go after signing in: an address of ours, or the start."""
    wish = request.POST.get("next") or request.GET.get("next") or "/"
    ours = url_has_allowed_host_and_scheme(wish, {request.get_host()}, require_https=request.is_secure())
    return wish if ours else "/"


def tries_key(request: HttpRequest, name: str) -> str:
    who = f"{request.META.get('REMOTE_ADDR', '')} {name.strip().lower()}"
    return "signin-" + hashlib.sha256(who.encode()).hexdigest()


@page
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Signing in by name and password, for accounts that have one."""
    to = onward(request)
    if request.method != "POST":
        if request.user.is_authenticated:
            return HttpResponseRedirect(to)
        return render(request, "signin.html", {"next": to, "embedded": settings.EMBEDDED})
    name, password = clean(request.POST.get("username", "")[:254]), request.POST.get("password", "")[:1024]
    key = tries_key(request, name)
    asked = {"next": to, "username": name, "embedded": settings.EMBEDDED}
    if cache.get(key, 0) >= TRIES:
        return render(request, "signin.html", asked | {"error": "too_many"}, status=429)
    user = authenticate(request, username=name, password=password)
    if user is None:
        cache.add(key, 0, TRIES_SECONDS)
        try:
            cache.incr(key)
        except ValueError:  # forgotten between the two
            cache.set(key, 1, TRIES_SECONDS)
        return render(request, "signin.html", asked | {"error": "wrong"}, status=403)
    cache.delete(key)
    login(request, user)
    return HttpResponseRedirect(to)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """A link that is good once. Opening it uses nothing up (mail scanners and previews open links); the button does."""
    if request.method == "POST":
        user = use_link(token)
        if user is None:
            return bad_link(request)
        login(request, user, backend=BACKEND)
        return HttpResponseRedirect("/")
    user = peek_link(token)
    if user is None:
        return bad_link(request)
    return render(request, "signin_link.html", {"who": name_of(user)})


def bad_link(request: HttpRequest) -> HttpResponse:
    return render(request, "signin_used.html", {"embedded": settings.EMBEDDED}, status=410)


def name_of(user: User) -> str:
    return user.get_full_name() or user.email or user.get_username()


@page
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "signout.html")
    logout(request)
    return render(request, "signed_out.html", {"embedded": settings.EMBEDDED})


# ---- what went wrong ------------------------------------------------------------------------------------------------


def trouble(request: HttpRequest, status: int, code: str, title: str, words: str) -> HttpResponse:
    """A page, or for the API its one error shape."""
    if request.path.startswith("/api/"):
        return JsonResponse({"error": {"code": code, "message": words, "fields": []}}, status=status)
    return render(request, "trouble.html", {"status": status, "title": title, "words": words}, status=status)


@page
def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What Django itself refuses: a host that is not ours, a form too large to be one of ours."""
    if isinstance(exception, RequestDataTooBig):
        return trouble(request, 413, "too_large", "This is too large", "Send less at once.")
    if isinstance(exception, DisallowedHost):
        words = f"This server is known as {settings.PUBLIC_BASE_URL}. Its operator can add names to ALLOWED_HOSTS."
        return trouble(request, 400, "unknown_host", "This server does not go by that name", words)
    return trouble(request, 400, "malformed", "This request cannot be read", "Go back, load the page again, repeat it.")


@page
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    words = "It may have been removed, or the address was cut short on its way."
    return trouble(request, 404, "not_found", "There is nothing at this address", words)


@page
def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return trouble(request, 403, "forbidden", "This is not yours to open", "Ask an owner of the account for access.")


@page
def failed(request: HttpRequest) -> HttpResponse:
    words = "It has been written to the server's log. Calls are not affected. Trying again may help."
    return trouble(request, 500, "server_error", "Something broke on our side", words)


@page
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    log.info("a form was refused: %s", reason)
    words = "It was open for too long, or cookies are switched off. Go back, load the page again and repeat it."
    return trouble(request, 403, "csrf_failed", "This form is no longer good", words)


PLACES = "plans|calls|destinations|connections|settings|payment-lines"

urlpatterns = [
    path("", shell, name="home"),
    re_path(rf"^(?:{PLACES})(?:/.*)?$", shell, name="canvas"),
    path("signin", sign_in, name="signin"),
    path("signin/<str:token>", sign_in_by_link, name="signin_link"),
    re_path(r"^signout/?$", sign_out, name="signout"),
]
