"""Plans made, edited, published, called as drafts, copied and deleted. Every change is one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Model, Q
from django.utils import timezone

from callplans import feed
from callplans.editing import Drawing, edit, removed
from callplans.engine.checks import Problem
from callplans.models import Account, Call, Operation, PlacedApplet, Plan, PlanVersion, VersionState, Wire, placed_id
from callplans.operations import FieldError, Invalid, parse
from callplans.plans import check, drawing_of, reaching

OPEN_EXIT = "open_exit"
"""Code of the problem that publishing asks about."""


class Stale(Exception):
    """The draft has moved on. `operations`: batches since, as {revision, author, at, operations}."""

    def __init__(self, revision: int, operations: list[dict[str, Any]]) -> None:
        super().__init__("The draft was changed since.")
        self.revision, self.operations = revision, operations


class NotReady(Exception):
    """The draft has problems of grade error."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("Problems must be put right before publishing.")
        self.problems = problems


class OpenExits(Exception):
    """Exits without a wire end the call, and nobody has said that this is meant."""

    def __init__(self, problems: list[Problem]) -> None:
        one = len(problems) == 1
        super().__init__("1 open exit ends the call." if one else f"{len(problems)} open exits end the call.")
        self.problems = problems


class CallsLive(Exception):
    """The plan has calls on it."""

    def __init__(self, count: int) -> None:
        super().__init__("Calls are live on this plan.")
        self.count = count


class InUse(Exception):
    """Deleting the plan would break what `impact` lists."""

    def __init__(self, found: Impact) -> None:
        super().__init__("Calls are mapped to this plan.")
        self.impact = found


@dataclass(slots=True)
class Applied:
    """`revision`: the one the batch made; `repeated`: it had been applied before."""

    revision: int
    repeated: bool = False


@dataclass(slots=True)
class Impact:
    """What deleting a plan takes along. `destinations`: [{id, name, address}] that no plan would answer any more;
    `mappings`: [{id, live, priority}]; `calls_live`, `calls_past`: how many calls."""

    destinations: list[dict[str, Any]] = field(default_factory=list)
    mappings: list[dict[str, Any]] = field(default_factory=list)
    calls_live: int = 0
    calls_past: int = 0


# ---- making ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def create(
    account: Account,
    user: Any,
    name: str,
    description: str = "",
    service_name: str = "",
    drawing: Drawing | None = None,
) -> Plan:
    """A new plan with an empty draft, or with this drawing as its draft."""
    plan = Plan(account=account, name=name, description=description, service_name=service_name, modified_by=user)
    plan.draft = _frozen_copy(plan, drawing or Drawing(), state=VersionState.DRAFT, author=user, before=plan)
    return plan


def duplicate(plan: Plan, user: Any, name: str = "") -> Plan:
    """A new plan with a copy of this one's draft; nothing of it is published."""
    copied = name or f"Copy of {plan.name}"[:120]
    return create(plan.account, user, copied, plan.description, plan.service_name, drawing_of(plan.draft))


def _frozen_copy(plan: Plan, drawing: Drawing, before: Plan | None = None, **fields: Any) -> PlanVersion:
    """A version with these rows. `before`: a plan that is saved first, with this version as its draft."""
    version = PlanVersion(plan=plan, seeds=drawing.seeds, apology=drawing.apology, **fields)
    version.initial_id = _placed(version, drawing.initial)
    version.hangup_id = _placed(version, drawing.hangup)
    if before is not None:
        before.draft = version
        before.save(force_insert=True)
    version.save(force_insert=True)
    _insert(version, drawing.applets, drawing.wires)
    return version


def _placed(version: PlanVersion, key: str | None) -> str | None:
    return None if key is None else placed_id(version.pk, UUID(key))


def _insert(version: PlanVersion, applets: dict[str, dict[str, Any]], wires: dict[tuple[str, str], str | None]) -> None:
    PlacedApplet.objects.bulk_create(
        PlacedApplet(id=_placed(version, key), version=version, **applet) for key, applet in applets.items()
    )
    Wire.objects.bulk_create(
        Wire(version=version, source_id=_placed(version, source), exit=exit, target_id=_placed(version, target))
        for (source, exit), target in wires.items()
    )


# ---- editing --------------------------------------------------------------------------------------------------------


def apply(plan: Plan, user: Any, revision: int, operations: Any) -> Applied:
    """Apply a batch to the draft at `revision`. Raises Invalid or Stale; then nothing was changed.

    A batch that was applied before, alone or with later operations behind it, is not applied twice.
    """
    batch = parse(operations)
    ids = [str(operation.id) for operation in batch]
    with transaction.atomic():
        draft = _lock(plan)
        log = list(
            Operation.objects.filter(Q(batch__in=ids) | Q(revision__gt=revision), plan=plan).select_related("author")
        )
        mine = [row for row in log if str(row.batch) in ids]
        done = {id for row in mine for id in row.op_ids}
        todo = [operation for operation in batch if str(operation.id) not in done]
        if not todo:
            return Applied(max(row.revision for row in mine), repeated=True)
        others = [row for row in log if row.revision > revision and row not in mine]
        if others or revision > draft.revision:
            raise Stale(draft.revision, [_logged(row) for row in others])
        before = drawing_of(draft)
        try:
            after = edit(before, todo, _Before(plan))
        except Invalid as wrong:
            raise Invalid([_of_whole_batch(error, batch, todo) for error in wrong.fields]) from None
        _write(draft, before, after)
        Operation.objects.create(
            plan=plan,
            revision=draft.revision,
            batch=todo[0].id,
            author=user,
            ops=[operation.model_dump(mode="json", exclude_unset=True) for operation in todo],
            op_ids=[str(operation.id) for operation in todo],
            removed=removed(before, after),
        )
        _touched(plan, user, draft.revision)
    return Applied(draft.revision)


def since(plan: Plan, revision: int) -> list[dict[str, Any]]:
    """Batches after this revision, oldest first: {revision, author, at, operations}."""
    rows = Operation.objects.filter(plan=plan, revision__gt=revision).select_related("author").order_by("revision")
    return [_logged(row) for row in rows]


def name_of(user: Any) -> str:
    """How a person is called in lists; empty for nobody."""
    return (user.get_full_name() or user.email or user.get_username()) if user else ""


def _lock(plan: Plan) -> PlanVersion:
    """The draft, held until the transaction ends. SQLite's transactions hold everything anyway."""
    return PlanVersion.objects.select_for_update(no_key=True).get(pk=plan.draft_id)


def _logged(row: Operation) -> dict[str, Any]:
    return {"revision": row.revision, "author": name_of(row.author), "at": row.at, "operations": row.ops}


def _of_whole_batch(error: FieldError, batch: list[Any], todo: list[Any]) -> FieldError:
    """The path counts the operations that were sent, also where the first ones had been applied before."""
    start, _, rest = error.path.partition(".")
    index, _, rest = rest.partition(".")
    if index.isdigit() and len(batch) != len(todo):
        error.path = ".".join(filter(None, (start, str(batch.index(todo[int(index)])), rest)))
    return error


class _Before:
    """Whether an applet or a wire was part of the plan before; reads the log only when asked."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.seen: set[tuple[str, str]] | None = None

    def __call__(self, what: str, name: str) -> bool:
        if self.seen is None:
            self.seen = set()
            rows = Operation.objects.filter(plan=self.plan).exclude(removed={}).order_by("-revision")
            for gone in rows.values_list("removed", flat=True)[:2000]:
                self.seen |= {("applet", applet["key"]) for applet in gone.get("applets", ())}
                self.seen |= {("wire", f"{wire['source']} {wire['exit']}") for wire in gone.get("wires", ())}
        return (what, name) in self.seen


def _write(draft: PlanVersion, before: Drawing, after: Drawing) -> None:
    """The difference between two drawings, in few statements; the draft's revision counts one up."""
    draft.revision += 1
    draft.seeds, draft.apology = after.seeds, after.apology
    draft.initial_id, draft.hangup_id = _placed(draft, after.initial), _placed(draft, after.hangup)
    draft.save(update_fields=["revision", "seeds", "apology", "initial", "hangup"])

    loose = {wire for wire, target in before.wires.items() if after.wires.get(wire, "") != target}
    ours = {(_placed(draft, source), exit) for source, exit in loose}
    rows = Wire.objects.filter(version=draft).values_list("pk", "source_id", "exit") if loose else ()
    _delete(Wire, [pk for pk, source, exit in rows if (source, exit) in ours])
    _delete(PlacedApplet, [_placed(draft, key) for key in before.applets if key not in after.applets])

    changed = [a for key, a in after.applets.items() if key in before.applets and a != before.applets[key]]
    PlacedApplet.objects.bulk_update(
        [PlacedApplet(id=_placed(draft, applet["key"]), version=draft, **applet) for applet in changed],
        ["type", "name", "settings", "settings_version", "x", "y"],
        batch_size=200,
    )
    applets = {key: applet for key, applet in after.applets.items() if key not in before.applets}
    wires = {wire: target for wire, target in after.wires.items() if wire not in before.wires or wire in loose}
    _insert(draft, applets, wires)


def _delete(model: type[Model], keys: list[Any]) -> None:
    for start in range(0, len(keys), 500):
        model._default_manager.filter(pk__in=keys[start : start + 500]).delete()


def _touched(plan: Plan, user: Any, revision: int) -> None:
    Plan.objects.filter(pk=plan.pk).update(modified=timezone.now(), modified_by=user)
    transaction.on_commit(lambda: feed.plan_changed(plan.pk, revision))


# ---- freezing -------------------------------------------------------------------------------------------------------


def publish(
    plan: Plan, user: Any, note: str = "", accept_open_exits: bool = False, revision: int | None = None
) -> PlanVersion:
    """Freeze the draft under the next number and make it live. Raises NotReady, OpenExits, and Stale where the draft
    is not at `revision` any more."""
    with transaction.atomic():
        draft = _lock(plan)
        _expect(plan, draft, revision)
        found = check(PlanVersion.objects.select_related("plan").get(pk=draft.pk))
        if errors := [problem for problem in found if problem.grade == "error"]:
            raise NotReady(errors)
        if (loose := [problem for problem in found if problem.code == OPEN_EXIT]) and not accept_open_exits:
            raise OpenExits(loose)
        number = (plan.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = _frozen_copy(
            plan,
            drawing_of(draft),
            state=VersionState.PUBLISHED,
            number=number,
            revision=draft.revision,
            note=note,
            author=user,
            published_at=timezone.now(),
        )
        Plan.objects.filter(pk=plan.pk).update(live=version)
        plan.live = version
        _touched(plan, user, draft.revision)
    return version


def freeze_trial(plan: Plan, user: Any, revision: int | None = None) -> PlanVersion:
    """The draft as a version that can be called; the same one as long as the draft is unchanged. Raises Stale."""
    with transaction.atomic():
        draft = _lock(plan)
        _expect(plan, draft, revision)
        trial = plan.versions.filter(state=VersionState.TRIAL, revision=draft.revision).first()
        return trial or _frozen_copy(
            plan, drawing_of(draft), state=VersionState.TRIAL, revision=draft.revision, author=user
        )


def drop_trials(older_than: timedelta = timedelta(hours=1)) -> int:
    """Remove trial versions that no call runs or ran on. Gives their number."""
    limit = timezone.now() - older_than
    old = PlanVersion.objects.filter(state=VersionState.TRIAL, created__lt=limit)
    unused = list(old.filter(calls=None).exclude(trials__created__gte=limit).values_list("pk", flat=True)[:500])
    _delete(PlanVersion, unused)
    return len(unused)


def _expect(plan: Plan, draft: PlanVersion, revision: int | None) -> None:
    if revision is not None and revision != draft.revision:
        raise Stale(draft.revision, since(plan, revision))


# ---- deleting -------------------------------------------------------------------------------------------------------


def impact(plan: Plan) -> Impact:
    """What deleting the plan would take along."""
    mappings = list(reaching(plan).prefetch_related("destinations"))
    destinations = {
        d.pk: d for mapping in mappings if mapping.live_plan_id == plan.pk for d in mapping.destinations.all()
    }
    calls = Call.objects.filter(plan=plan).aggregate(all=Count("pk"), live=Count("pk", filter=Q(ended_at=None)))
    return Impact(
        destinations=[{"id": str(d.pk), "name": d.name, "address": d.address} for d in destinations.values()],
        mappings=[{"id": str(m.pk), "live": m.live_plan_id == plan.pk, "priority": m.priority} for m in mappings],
        calls_live=calls["live"],
        calls_past=calls["all"] - calls["live"],
    )


def delete(plan: Plan, confirmed: bool = False) -> None:
    """Delete a plan with its versions and the record of its calls. Raises CallsLive always while there are any, and
    InUse while calls are mapped to it, unless that was confirmed."""
    with transaction.atomic():
        _lock(plan)
        found = impact(plan)
        if found.calls_live:
            raise CallsLive(found.calls_live)
        if found.mappings and not confirmed:
            raise InUse(found)
        plan.delete()
