"""Every address of the web face but the telephony hooks and the websocket, which `asgi.py` mounts beside Django."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from designer import pages

urlpatterns = [
    path("api/v1/", include("designer.api.urls")),
    path("admin/", admin.site.urls),
    path("", include(pages.urlpatterns)),
]
if settings.SANDBOX:
    urlpatterns.insert(0, path("sandbox/", include("designer.sandbox.urls")))

handler400 = "designer.pages.refused"
handler404 = "designer.pages.not_found"
handler500 = "designer.pages.failed"
