"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path, re_path

from designer.api.applets import AppletsView
from designer.api.calls import CallViewSet
from designer.api.connections import ConnectionViewSet
from designer.api.connector import ConnectorPlaceholdersView, ConnectorTestView, ConnectorXmlView
from designer.api.destinations import DestinationViewSet
from designer.api.drafts import DraftViewSet
from designer.api.mappings import MappingViewSet
from designer.api.missing import MissingView
from designer.api.payment_lines import PaymentLineViewSet
from designer.api.plans import PlanViewSet
from designer.api.schema import SchemaView
from designer.api.secrets import SecretViewSet
from designer.api.session import SessionView

LIST = {"get": "list", "post": "create"}
ROW = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}

urlpatterns = [
    path("session", SessionView.as_view()),
    path("applets", AppletsView.as_view()),
    path("plans", PlanViewSet.as_view(LIST)),
    path("plans/<uuid:pk>", PlanViewSet.as_view(ROW)),
    path("plans/<uuid:pk>/duplicate", PlanViewSet.as_view({"post": "duplicate"})),
    path("plans/<uuid:pk>/impact", PlanViewSet.as_view({"get": "impact"})),
    path("plans/<uuid:pk>/draft", DraftViewSet.as_view({"get": "draft"})),
    path("plans/<uuid:pk>/operations", DraftViewSet.as_view({"post": "operations"})),
    path("plans/<uuid:pk>/publish", DraftViewSet.as_view({"post": "publish"})),
    path("plans/<uuid:pk>/versions", DraftViewSet.as_view({"get": "versions"})),
    path("plans/<uuid:pk>/trials", DraftViewSet.as_view({"post": "trials"})),
    path("plans/<uuid:pk>/connector-test", ConnectorTestView.as_view()),
    path("versions/<uuid:pk>", DraftViewSet.as_view({"get": "version"})),
    path("connector-xml", ConnectorXmlView.as_view()),
    path("connector-placeholders", ConnectorPlaceholdersView.as_view()),
    path("calls", CallViewSet.as_view({"get": "list"})),
    path("calls/<uuid:pk>", CallViewSet.as_view({"get": "retrieve"})),
    path("calls/<uuid:pk>/end", CallViewSet.as_view({"post": "end"})),
    path("schema", SchemaView.as_view()),
]
for name, view in (
    ("destinations", DestinationViewSet),
    ("mappings", MappingViewSet),
    ("connections", ConnectionViewSet),
    ("secrets", SecretViewSet),
    ("payment-lines", PaymentLineViewSet),
):
    urlpatterns += [path(name, view.as_view(LIST)), path(f"{name}/<uuid:pk>", view.as_view(ROW))]
urlpatterns.append(re_path(r"", MissingView.as_view()))
