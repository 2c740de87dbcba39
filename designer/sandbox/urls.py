"""What of the sandbox the page itself reaches, under /sandbox/: the handset. The services answer by their own names."""

from django.urls import include, path

from designer.sandbox import line

urlpatterns = [path("line/", include(line.urlpatterns))]
