"""`manage.py docs`: the pages of docs/ that are made from the code; `--check` only says whether they are fresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from callplans import access
from callplans.engine.adapter import adapters
from callplans.engine.applet import ExitPerItem, register

MADE = "<!-- Made by `make docs` from the code. Do not edit. -->\n\n"


def cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(head: list[str], rows: list[list[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def kind_of(field: dict[str, Any], defs: dict[str, Any]) -> str:
    """A field's type in a word or two, with its limits."""
    if "$ref" in field or "allOf" in field:
        target = field.get("$ref") or field["allOf"][0].get("$ref", "")
        found = defs.get(target.rsplit("/", 1)[-1], {})
        return "prompt" if target.endswith("/Prompt") else kind_of({**found, "$defs": None}, defs)
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(kind_of(option, defs) for option in field["anyOf"]))
    if "enum" in field:
        return ", ".join(str(value) for value in field["enum"])
    if "const" in field:
        return str(field["const"])
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "tick", "null": "empty"}
    kind = field.get("type", "")
    if kind == "array":
        kind = "list of " + kind_of(field.get("items", {}), defs)
    limits = [
        f"{word} {field[key]}"
        for key, word in (
            ("minimum", "from"), ("maximum", "to"), ("minLength", "at least"), ("maxLength", "at most"),
            ("minItems", "at least"), ("maxItems", "at most"),
        )
        if key in field
    ]  # fmt: skip
    return " ".join([words.get(kind, kind), *limits])


def fields(schema: dict[str, Any], defs: dict[str, Any], prefix: str = "") -> list[list[object]]:
    """One row per setting, those of nested objects and list entries included."""
    rows: list[list[object]] = []
    for name, field in schema.get("properties", {}).items():
        if field.get("x-widget") == "hidden":
            continue
        default = field.get("default")
        shown = "" if default in (None, "", [], {}) or isinstance(default, dict) else default
        rows.append(
            [f"`{prefix}{name}`", field.get("title", ""), kind_of(field, defs), shown, field.get("description", "")]
        )
        inner = field.get("items", field)
        target = inner.get("$ref", "").rsplit("/", 1)[-1]
        if target and target != "Prompt" and "properties" in defs.get(target, {}):
            rows += fields(defs[target], defs, f"{prefix}{name}[]." if "items" in field else f"{prefix}{name}.")
    return rows


def applets_page() -> str:
    """Every applet type: help, settings, exits."""
    parts = ["# Applets\n\n", MADE, "What each applet does, how it is set and where a call can leave it.\n"]
    for cls in register.all():
        schema = cls.Settings.model_json_schema()
        parts.append(f"\n## {cls.title}\n\n`{cls.type}`, family *{cls.family}*\n\n{cls.describe()['help']}\n\n")
        parts.append(table(["Setting", "Label", "Kind", "Default", "Meaning"], fields(schema, schema.get("$defs", {}))))
        exits: list[list[object]] = [
            [f"`{e.prefix}:<{e.name}>`", f"one per entry of {e.path}", e.kind]
            if isinstance(e, ExitPerItem)
            else [f"`{e.name}`", e.label, e.kind]
            for e in cls.exits
        ]
        parts.append("\n" + table(["Exit", "Label", "Kind"], exits))
    return "".join(parts)


def permissions_page() -> str:
    """Roles and what they may do."""
    actions = list(get_args(access.Action))
    rows: list[list[object]] = [
        [str(role), *("yes" if action in allowed else "" for action in actions)] for role, allowed in access.MAY.items()
    ]
    return (
        "# Who may do what\n\n"
        + MADE
        + table(["Role", *actions], rows)
        + "\nA colleague without the right gets 403, a "
        "stranger 404. `manage`: destinations, mappings, connections, custom configuration settings, payment lines.\n"
    )


def providers_page() -> str:
    """Providers and what they can do."""
    names = sorted({name for adapter in adapters.all() for name in adapter.can})
    rows: list[list[object]] = [
        [adapter.title, *(adapter.can.get(name, "") for name in names)] for adapter in adapters.all()
    ]
    return (
        "# Providers\n\n" + MADE + "Where a provider cannot do something, the designer says so before publishing.\n\n"
        + table(["Provider", *(f"`{name}`" for name in names)], rows)
    )  # fmt: skip


PAGES = {"applets.md": applets_page, "permissions.md": permissions_page, "providers.md": providers_page}


class Command(BaseCommand):
    help = "Write the pages of docs/ that are made from the code."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a page is stale")

    def handle(self, *args: Any, check: bool = False, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs"
        stale = []
        for name, page in PAGES.items():
            path, text = folder / name, page()
            if path.exists() and path.read_text() == text:
                continue
            stale.append(name)
            if not check:
                path.write_text(text)
                self.stdout.write(f"docs/{name} written")
        if check and stale:
            raise CommandError(f"Stale: {', '.join(stale)}. Run `make docs` and commit what it writes.")
