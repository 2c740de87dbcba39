"""Rows <-> the engine's plan and the browser's drawing. The only translator; `callplans.drafts` changes plans."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from callplans.editing import Drawing, lifted
from callplans.engine import checks
from callplans.engine.adapter import adapters
from callplans.engine.applet import register
from callplans.engine.plan import PlacedApplet as EnginePlaced
from callplans.engine.plan import Plan as EnginePlan
from callplans.models import (
    Account,
    Connection,
    Destination,
    Mapping,
    PaymentLine,
    PlacedApplet,
    Plan,
    PlanVersion,
    Secret,
    VersionState,
    Wire,
)
from callplans.models.fields import CannotOpen
from callplans.operations import dotted, plain

ALWAYS = ("CallGuid", "CLID", "DialledNumber")
"""Data sources present on every call."""

SLOT = "IVRSlot|"
FRESH = 5.0
"""Seconds for which an account's own data (zone, payment lines) may be taken from memory while plans run."""


# ---- rows -> drawing ------------------------------------------------------------------------------------------------


def key_of(placed: str | None) -> str | None:
    """A placed applet's key, from its primary key."""
    return None if placed is None else str(UUID(hex=placed[32:]))


def drawing_of(version: PlanVersion) -> Drawing:
    """The version as stored. Two queries."""
    applets: dict[str, dict[str, Any]] = {}
    for row in PlacedApplet.objects.filter(version=version).order_by("id"):
        applets[str(row.key)] = {
            "key": str(row.key),
            "type": row.type,
            "name": row.name,
            "settings": row.settings,
            "settings_version": row.settings_version,
            "x": row.x,
            "y": row.y,
        }
    wires = Wire.objects.filter(version=version).order_by("source_id", "exit")
    return Drawing(
        initial=key_of(version.initial_id),
        hangup=key_of(version.hangup_id),
        seeds=version.seeds,
        apology=version.apology,
        applets=applets,
        wires={
            (str(key_of(source)), exit): key_of(target)
            for source, exit, target in wires.values_list("source_id", "exit", "target_id")
        },
    )


# ---- drawing -> engine ----------------------------------------------------------------------------------------------


def seeds_of(*levels: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Seeds of several levels, the first to set a key winning, without regard to case."""
    merged: dict[str, str] = {}
    seen: set[str] = set()
    for level in levels:
        for seed in level:
            name = str(seed.get("name", "")).strip()
            if name and name.casefold() not in seen:
                seen.add(name.casefold())
                merged[name] = str(seed.get("value", ""))
    return merged


def engine_plan(version: PlanVersion, drawing: Drawing) -> EnginePlan:
    """The plan a call runs on, without the account's own data."""
    wires: dict[str, dict[str, str | None]] = {}
    for (source, exit), target in drawing.wires.items():
        wires.setdefault(source, {})[exit] = target
    return EnginePlan(
        id=str(version.plan_id),
        version=str(version.pk),
        name=version.plan.name,
        initial=drawing.initial,
        hangup=drawing.hangup,
        seeds=seeds_of(drawing.seeds),
        apology=drawing.apology,
        applets={key: _placed(applet) for key, applet in drawing.applets.items()},
        wires=wires,
    )


def _placed(applet: dict[str, Any]) -> EnginePlaced:
    placed = EnginePlaced(**(applet | {"settings": lifted(applet)}))
    kind = register.get(placed.type)
    if kind is None:
        placed.trouble = f"The applet type {placed.type} no longer exists."
        return placed
    if placed.settings_version > kind.version:
        placed.trouble = f"The settings were made by a newer version of {kind.title}."
        return placed
    placed.settings_version = kind.version
    try:
        placed.applet = kind(kind.Settings.model_validate(placed.settings))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        placed.trouble = f"{kind.title} is incomplete: {dotted(*first['loc']) or 'settings'}: {plain(first)}"
    return placed


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What a running plan needs of its account. `payment_lines`: number -> caller ids."""

    zone: str
    language: str
    payment_lines: dict[str, list[str]]


_facts: dict[UUID, tuple[float, AccountFacts]] = {}
_facts_lock = threading.Lock()


def account_facts(account_id: UUID) -> AccountFacts:
    """The account's own data, at most FRESH seconds old."""
    now = time.monotonic()
    kept = _facts.get(account_id)
    if kept and now - kept[0] < FRESH:
        return kept[1]
    account = Account.objects.get(pk=account_id)
    lines = PaymentLine.objects.filter(account=account_id).values_list("number", "caller_ids")
    facts = AccountFacts(account.zone, account.language, {number: list(ids) for number, ids in lines})
    with _facts_lock:
        _facts[account_id] = (now, facts)
    return facts


def forget_account(account_id: UUID) -> None:
    """The account's own data was changed: this process reads it again at once, others within FRESH seconds."""
    with _facts_lock:
        _facts.pop(account_id, None)


class _StillDraft(Exception):
    def __init__(self, account_id: UUID, plan: EnginePlan) -> None:
        self.found = (account_id, plan)


@lru_cache(maxsize=512)
def _frozen(version_id: UUID) -> tuple[UUID, EnginePlan]:
    version = PlanVersion.objects.select_related("plan").get(pk=version_id)
    found = version.plan.account_id, engine_plan(version, drawing_of(version))
    if version.state == VersionState.DRAFT:
        raise _StillDraft(*found)  # an exception is not cached
    return found


def load(version_id: UUID | str) -> EnginePlan:
    """The engine's plan of a version; frozen ones come from memory. Raises PlanVersion.DoesNotExist."""
    try:
        account_id, plan = _frozen(UUID(str(version_id)))
    except _StillDraft as draft:
        account_id, plan = draft.found
    return _at_home(plan, account_facts(account_id))


def _at_home(plan: EnginePlan, facts: AccountFacts) -> EnginePlan:
    return replace(plan, zone=facts.zone, language=facts.language, payment_lines=facts.payment_lines)


# ---- checks ---------------------------------------------------------------------------------------------------------


def world_of(plan: Plan) -> checks.World:
    """What the plan meets in its account: secrets, payment lines, the connections and seeds that reach it."""
    secrets: set[str] = set()
    empty: set[str] = set()
    for secret in Secret.objects.filter(account=plan.account_id):
        try:
            (empty if secret.value == "" else secrets).add(secret.key)
        except CannotOpen:
            empty.add(secret.key)
    mappings = list(reaching(plan).prefetch_related("destinations"))
    destinations: list[Destination] = [d for mapping in mappings for d in mapping.destinations.all()]
    wanted = {d.connection_id for d in destinations}
    connections = Connection.objects.filter(account=plan.account_id, active=True) if wanted else ()
    providers = []
    for connection in connections:
        adapter = adapters.get(connection.provider)
        if adapter is not None and (None in wanted or connection.pk in wanted):
            own = connection.settings.get("own_numbers", [])
            providers.append(checks.Capabilities(connection.name, connection.provider, dict(adapter.can), list(own)))
    return checks.World(
        secrets=secrets,
        secrets_empty=empty,
        payment_lines=account_facts(plan.account_id).payment_lines,
        providers=providers,
        seeds=set(seeds_of(*(d.seeds for d in destinations), *(m.seeds for m in mappings))),
    )


def reaching(plan: Plan) -> Any:
    """Mappings that bring calls to this plan, live or for testing."""
    return Mapping.objects.filter(live_plan=plan) | Mapping.objects.filter(test_plan=plan)


@dataclass(slots=True)
class Opened:
    """A version read once: its rows as a drawing, the engine's plan, and the account around it."""

    version: PlanVersion
    drawing: Drawing
    engine: EnginePlan
    world: checks.World

    def problems(self) -> list[checks.Problem]:
        """What is wrong with it; a draft's counts are kept for lists."""
        found = checks.check_plan(self.engine, self.world)
        if self.version.state == VersionState.DRAFT:
            errors = sum(problem.grade == "error" for problem in found)
            counts = {"errors": errors, "warnings": len(found) - errors}
            if counts != self.version.problem_counts:
                self.version.problem_counts = counts
                PlanVersion.objects.filter(pk=self.version.pk).update(problem_counts=counts)
        return found

    def names(self) -> dict[str, list[str]]:
        """For the pickers: known data sources, secrets and slots, each sorted."""
        written: dict[str, str] = {}
        places = (p.applet.writes() for p in self.engine.applets.values() if p.applet is not None)
        for names in (ALWAYS, self.engine.seeds, sorted(self.world.seeds), *map(sorted, places)):
            for name in names:
                written.setdefault(name.casefold(), name)
        sources = sorted(written.values(), key=str.casefold)
        slots = [name[len(SLOT) :] for name in sources if name.casefold().startswith(SLOT.casefold())]
        secrets = sorted(self.world.secrets | self.world.secrets_empty, key=str.casefold)
        return {"sources": sources, "secrets": secrets, "slots": slots}


def opened(version: PlanVersion) -> Opened:
    """Read a version (with `plan` selected) and what is around it."""
    drawing = drawing_of(version)
    engine = _at_home(engine_plan(version, drawing), account_facts(version.plan.account_id))
    return Opened(version, drawing, engine, world_of(version.plan))


def check(version: PlanVersion) -> list[checks.Problem]:
    """What is wrong with a version."""
    return opened(version).problems()


# ---- drawing -> browser ---------------------------------------------------------------------------------------------


def changes_since_live(plan: Plan) -> int:
    """Edits of the draft since the live version was published; all of them where there is none."""
    return plan.draft.revision - (plan.live.revision if plan.live else 0)


def drawing_json(drawing: Drawing) -> dict[str, Any]:
    """{version: {initial, hangup, seeds, apology}, applets: [...], wires: [...]}, settings in today's shape."""
    applets = []
    for applet in drawing.applets.values():
        kind = register.get(applet["type"])
        now = max(applet["settings_version"], kind.version) if kind else applet["settings_version"]
        applets.append(applet | {"settings": lifted(applet), "settings_version": now})
    return {
        "version": {
            "initial": drawing.initial,
            "hangup": drawing.hangup,
            "seeds": drawing.seeds,
            "apology": drawing.apology,
        },
        "applets": applets,
        "wires": [{"source": s, "exit": e, "target": t} for (s, e), t in sorted(drawing.wires.items())],
    }


def version_json(version: PlanVersion, role: str) -> dict[str, Any]:
    """A version as the canvas opens it. `version.plan` with `draft` and `live` should be selected."""
    plan, found = version.plan, opened(version)
    draft = version.state == VersionState.DRAFT
    return {
        "plan": str(plan.pk),
        "version_id": str(version.pk),
        "state": version.state,
        "number": version.number,
        "name": plan.name,
        "revision": version.revision,
        "live_version": plan.live.number if plan.live else None,
        "changes_since_live": changes_since_live(plan),
        **drawing_json(found.drawing),
        "problems": [problem.to_json() for problem in found.problems()] if draft else [],
        "names": found.names(),
        "role": role,
    }


def draft_json(plan: Plan, role: str = "owner") -> dict[str, Any]:
    """The draft as the canvas opens it."""
    version = PlanVersion.objects.select_related("plan__draft", "plan__live").get(pk=plan.draft_id)
    return version_json(version, role)
