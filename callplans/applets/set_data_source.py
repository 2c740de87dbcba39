"""Set Data Source: values into data sources, several at once."""

from __future__ import annotations

from pydantic import Field, field_validator

from callplans.engine.applet import Applet, Exit, Next, Settings, register
from callplans.engine.call import CallView
from callplans.engine.checks import Problem
from callplans.engine.datasources import names_in
from callplans.engine.form import ItemId, Needed, unique

LONGEST_VALUE = 4_000
"""What a row may come to. A plan that doubles a value on every round must not fill the memory."""


class Row(Settings):
    id: ItemId
    name: Needed = Field(
        title="Data Source",
        description="The name of the data source that is set, at most 255 characters.",
        max_length=255,
        json_schema_extra={"x-source": "write", "minLength": 1},
    )
    value: str = Field(
        "",
        title="Value",
        description="Text, with the values of data sources in it where wanted.",
        max_length=2_000,
        json_schema_extra={"x-placeholders": "sources"},
    )


class SetDataSourceSettings(Settings):
    rows: list[Row] = Field(
        title="Data sources",
        description="All rows read the values as they were when the call came here.",
        min_length=1,
        max_length=100,
        json_schema_extra={"x-item": "Data source"},
    )

    @field_validator("rows")
    @classmethod
    def _ids(cls, rows: list[Row]) -> list[Row]:
        unique(rows, "id")
        return rows


@register.add
class SetDataSource(Applet[SetDataSourceSettings]):
    """Sets one or more data sources to a text, to the value of another one, or to a mix of both. All rows see the
    values as they were on entry, so two data sources can be swapped. What is copied from a securely collected value is
    kept as secret as that one. The caller hears nothing."""

    type, title, family = "set_data_source", "Set Data Source", "data"
    channels = ("calls", "messages")
    Settings = SetDataSourceSettings
    exits = (Exit("next", "Next applet", short="Next"),)
    summary = ("{rows|count} data sources", "no data source yet")

    def enter(self, call: CallView) -> Next:
        found = []
        for row in self.settings.rows:
            names = names_in(row.value)
            value = call.fill(row.value, show_sealed=True)
            if len(value) > LONGEST_VALUE:
                call.issue("too_long", f"$({row.name}) is cut to {LONGEST_VALUE:,} characters.")
            sealed = any(call.is_sealed(name) for name in names)
            collected = any(call.is_collected(name) for name in names)
            found.append((row.name, value[:LONGEST_VALUE], sealed, collected))
        for name, value, sealed, collected in found:
            call.set(name, value, sealed=sealed, collected=collected)
        return "next"

    def check(self) -> list[Problem]:
        problems: list[Problem] = []
        seen: set[str] = set()
        for at, row in enumerate(self.settings.rows):
            name = row.name.casefold()
            if name in seen:
                words = f"$({row.name}) is set by two rows: only one of them can count."
                path = f"rows.{at}.name"
                problems.append(Problem("duplicate_name", "error", words, field=path, params={"name": row.name}))
            seen.add(name)
        return problems
