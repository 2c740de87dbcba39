"""The operator's console: find an account's plans, lines and calls, and see what happened.

Plans and calls are read-only (plans are edited on the canvas, by operations); keys and secrets can be set and are never
shown.
"""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from callplans.engine.masking import mask
from callplans.models import (
    Account,
    Call,
    Connection,
    Destination,
    EventRow,
    Mapping,
    Member,
    PaymentLine,
    Plan,
    PlanVersion,
    Refusal,
    Secret,
)

admin.site.site_header = "Call plans"
admin.site.site_title = "Call plans"
admin.site.index_title = "Operator's console"
admin.site.site_url = "/"


class ReadOnly(admin.ModelAdmin):
    """Rows that other parts write: looked at here, never changed."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MemberInline(admin.TabularInline):
    model = Member
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    list_display = ["name", "zone", "language", "members_count", "plans_count", "created"]
    search_fields = ["name"]
    inlines = [MemberInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return (
            super()
            .get_queryset(request)
            .annotate(count_members=Count("members", distinct=True), count_plans=Count("plans", distinct=True))
        )

    @admin.display(description="Members", ordering="count_members")
    def members_count(self, account: Any) -> int:
        return account.count_members

    @admin.display(description="Plans", ordering="count_plans")
    def plans_count(self, account: Any) -> int:
        return account.count_plans


@admin.register(Plan)
class PlanAdmin(ReadOnly):
    list_display = ["name", "account", "live_number", "revision", "modified", "modified_by", "canvas"]
    list_filter = ["account", "modified"]
    list_select_related = ["account", "live", "draft", "modified_by"]
    search_fields = ["name", "description", "id"]
    date_hierarchy = "modified"
    fields = ["name", "description", "service_name", "account", "canvas", "modified", "modified_by", "versions_table"]
    readonly_fields = fields

    @admin.display(description="Live version", ordering="live__number")
    def live_number(self, plan: Plan) -> str:
        return str(plan.live.number) if plan.live else "none"

    @admin.display(description="Draft's revision")
    def revision(self, plan: Plan) -> int:
        return plan.draft.revision

    @admin.display(description="Canvas")
    def canvas(self, plan: Plan) -> SafeString:
        return format_html('<a href="/plans/{}">open</a>', plan.pk)

    @admin.display(description="Versions")
    def versions_table(self, plan: Plan) -> SafeString:
        rows = format_html_join(
            "",
            '<tr><td><a href="/admin/callplans/planversion/{}/change/">{}</a></td>'
            "<td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                (version.pk, version.number, version.published_at, version.author or "", version.note)
                for version in plan.versions.filter(state="published").select_related("author").order_by("-number")[:50]
            ),
        )
        return format_html(
            "<table><thead><tr><th>Version</th><th>Published</th><th>By</th><th>Note</th></tr></thead>{}</table>", rows
        )


@admin.register(PlanVersion)
class PlanVersionAdmin(ReadOnly):
    list_display = ["plan", "state", "number", "revision", "author", "published_at", "canvas"]
    list_filter = ["state", "plan__account"]
    list_select_related = ["plan", "author"]
    search_fields = ["plan__name", "note", "id"]
    fields = ["plan", "state", "number", "revision", "author", "published_at", "note", "apology", "drawing"]
    readonly_fields = fields

    @admin.display(description="Canvas")
    def canvas(self, version: PlanVersion) -> SafeString:
        return format_html('<a href="/plans/{}">open</a>', version.plan_id)

    @admin.display(description="Drawing")
    def drawing(self, version: PlanVersion) -> SafeString:
        wires: dict[str, list[str]] = {}
        for wire in version.wires.select_related("target").order_by("exit"):
            target = wire.target.name if wire.target else "ends the call"
            wires.setdefault(wire.source_id, []).append(f"{wire.exit} → {target}")
        marks = {version.initial_id: "initial", version.hangup_id: "hang-up"}
        rows = format_html_join(
            "",
            "<tr><td>{} {}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            (
                (
                    applet.name,
                    f"({marks[applet.pk]})" if applet.pk in marks else "",
                    applet.type,
                    format_html_join(format_html("<br>"), "{}", ((line,) for line in wires.get(applet.pk, []))),
                    mask(json.dumps(applet.settings, ensure_ascii=False))[:400],
                )
                for applet in version.applets.order_by("y", "x")
            ),
        )
        return format_html(
            "<table><thead><tr><th>Applet</th><th>Type</th><th>Exits</th><th>Settings</th></tr></thead>{}</table>", rows
        )


class SetOnly(forms.CharField):
    """A secret field: empty leaves what is stored, and what is stored is never sent to the browser."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60}),
            help_text="Leave empty to keep what is stored. It is never shown.",
            **options,
        )


class SecretForm(forms.ModelForm):
    new_value = SetOnly(label="New value")

    class Meta:
        model = Secret
        fields = ["account", "key"]

    def save(self, commit: bool = True) -> Secret:
        if self.cleaned_data["new_value"]:
            self.instance.value = self.cleaned_data["new_value"]
        elif self.instance._state.adding:
            self.instance.value = ""
        return super().save(commit)


@admin.register(Secret)
class SecretAdmin(admin.ModelAdmin):
    form = SecretForm
    list_display = ["key", "account", "updated"]
    list_filter = ["account"]
    list_select_related = ["account"]
    search_fields = ["key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Secret]:
        return super().get_queryset(request).defer("value")


class ConnectionForm(forms.ModelForm):
    new_keys = SetOnly(label="New keys (JSON)")

    class Meta:
        model = Connection
        fields = ["account", "provider", "name", "settings", "fallback", "active"]

    def clean_new_keys(self) -> dict[str, Any] | None:
        text = self.cleaned_data["new_keys"]
        if not text:
            return None
        try:
            keys = json.loads(text)
        except ValueError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from error
        if not isinstance(keys, dict):
            raise forms.ValidationError('Write an object, for example {"signature_secret": "..."}.')
        return keys

    def save(self, commit: bool = True) -> Connection:
        if self.cleaned_data["new_keys"] is not None:
            self.instance.secrets = self.cleaned_data["new_keys"]
        return super().save(commit)


@admin.register(Connection)
class ConnectionAdmin(admin.ModelAdmin):
    form = ConnectionForm
    list_display = ["name", "provider", "account", "active", "created"]
    list_filter = ["provider", "active", "account"]
    list_select_related = ["account"]
    search_fields = ["name", "id"]


@admin.register(PaymentLine)
class PaymentLineAdmin(admin.ModelAdmin):
    list_display = ["name", "number", "account"]
    list_filter = ["account"]
    list_select_related = ["account"]
    search_fields = ["name", "number"]


@admin.register(Destination)
class DestinationAdmin(admin.ModelAdmin):
    list_display = ["address", "name", "kind", "connection", "account", "plans"]
    list_filter = ["kind", "account"]
    list_select_related = ["connection", "account"]
    search_fields = ["address", "name", "description"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Destination]:
        mappings = Mapping.objects.select_related("live_plan")
        return super().get_queryset(request).prefetch_related(Prefetch("mappings", mappings))

    @admin.display(description="Reaches")
    def plans(self, destination: Destination) -> SafeString:
        return format_html_join(
            ", ",
            '<a href="/plans/{}">{}</a>',
            ((mapping.live_plan_id, mapping.live_plan.name) for mapping in destination.mappings.all()),
        )


@admin.register(Mapping)
class MappingAdmin(admin.ModelAdmin):
    list_display = ["live_plan", "test_plan", "priority", "reached_by", "account", "modified"]
    list_filter = ["account"]
    list_select_related = ["live_plan", "test_plan", "account"]
    filter_horizontal = ["destinations"]
    search_fields = ["live_plan__name", "destinations__address"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mapping]:
        return super().get_queryset(request).prefetch_related("destinations")

    @admin.display(description="Reached by")
    def reached_by(self, mapping: Mapping) -> str:
        return ", ".join(destination.address for destination in mapping.destinations.all())


class LiveFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "Live"), ("0", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset if self.value() is None else queryset.filter(ended_at__isnull=self.value() == "1")


@admin.register(Call)
class CallAdmin(ReadOnly):
    list_display = [
        "started_at",
        "clid",
        "dialled",
        "plan",
        "version",
        "provider",
        "at_name",
        "end_reason",
        "live_page",
    ]
    list_filter = [LiveFilter, "provider", "trial", "end_reason", "account", "started_at"]
    list_select_related = ["plan", "version"]
    search_fields = ["clid", "dialled", "provider_call_id", "id"]
    date_hierarchy = "started_at"
    show_full_result_count = False
    fields = [
        "id", "account", "plan", "version", "provider", "provider_call_id", "clid", "dialled", "trial", "status",
        "started_at", "ended_at", "end_reason", "seq", "awaits_what", "live_page", "what_happened",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        return super().get_queryset(request).defer("state", "memo", "key", "leg")

    @admin.display(description="Live page")
    def live_page(self, call: Call) -> SafeString:
        return format_html('<a href="/calls/{}">watch</a>', call.pk)

    @admin.display(description="Waits for")
    def awaits_what(self, call: Call) -> str:
        """The kind only: a live token would let its reader answer for the provider."""
        return {"": "nothing", "start": "its start", "hangup": "its hang-up turn"}.get(
            call.awaits, "a web service" if call.awaits.startswith("effect:") else "the caller"
        )

    @admin.display(description="What happened")
    def what_happened(self, call: Call) -> SafeString:
        rows = format_html_join(
            "",
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            (
                (
                    event.no,
                    event.at.strftime("%H:%M:%S.%f")[:-3],
                    event.kind,
                    json.dumps(event.data, ensure_ascii=False),
                )
                for event in EventRow.objects.filter(call=call).order_by("no")[:1000]
            ),
        )
        return format_html(
            "<table><thead><tr><th>No.</th><th>At (UTC)</th><th>Event</th><th>Data</th></tr></thead>{}</table>", rows
        )


@admin.register(Refusal)
class RefusalAdmin(ReadOnly):
    list_display = ["day", "provider", "reason", "count", "line"]
    list_filter = ["provider", "reason", "day"]
