"""Calls as people see them: the list, the picture of one call, and what is new since."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from callplans.engine.call import CallState
from callplans.engine.masking import card_parts, hide, mask_together
from callplans.models import Call
from callplans.models.callkeys import CallBox
from callplans.models.fields import CannotOpen
from callplans.store import store

MOST_EVENTS = 2000
MOST_NEWS = 200


def rows_of(account: Any) -> QuerySet[Call]:
    """An account's calls that reached a plan, the latest first, with what a row shows."""
    return Call.objects.filter(account=account, version__isnull=False).select_related("plan", "version")


def call_rows(
    account: Any, state: str | None = None, plan: Any = None, search: str = "", page: int = 1, size: int = 50
) -> tuple[int, list[dict[str, Any]]]:
    """(how many there are, one page of rows). state: live, ended or None; search: in numbers, plan, call id."""
    rows = rows_of(account)
    if state == "live":
        rows = rows.filter(ended_at__isnull=True)
    elif state == "ended":
        rows = rows.filter(ended_at__isnull=False)
    if plan:
        rows = rows.filter(plan=plan)
    if search := search.strip():
        words = Q(clid__icontains=search) | Q(dialled__icontains=search) | Q(plan__name__icontains=search)
        try:
            words |= Q(pk=UUID(search))
        except ValueError:
            words |= Q(provider_call_id=search)
        rows = rows.filter(words)
    first = max(page - 1, 0) * size
    return rows.count(), [call_row(call) for call in rows[first : first + size]]


def call_row(call: Call, now: datetime | None = None) -> dict[str, Any]:
    """One call in a list."""
    end = call.ended_at or now or timezone.now()
    version = call.version
    return {
        "id": str(call.pk),
        "state": "live" if call.ended_at is None else "ended",
        "plan": None if call.plan is None else {"id": str(call.plan_id), "name": call.plan.name},
        "version": None
        if version is None
        else {"id": str(version.pk), "number": version.number, "revision": version.revision},
        "clid": call.clid,
        "dialled": call.dialled,
        "provider": call.provider,
        "trial": call.trial,
        "started_at": iso(call.started_at),
        "ended_at": None if call.ended_at is None else iso(call.ended_at),
        "end_reason": call.end_reason,
        "at_applet": {"key": call.at_key, "name": call.at_name} if call.at_key else None,
        "seconds": round(max((end - call.started_at).total_seconds(), 0.0), 1),
    }


def iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def one_call(call_id: UUID | str) -> Call | None:
    return Call.objects.select_related("plan", "version").filter(pk=call_id).first()


def snapshot(call_id: UUID | str, may_see_values: bool) -> dict[str, Any] | None:
    """The whole picture of one call: {call, seq, version_id, events, sources, waiting}; None: no such call.

    `seq` is the number of the last event in it. Values of data sources only by permission, and only while the call
    has its key; card-like runs are masked across all of them.
    """
    call = one_call(call_id)
    if call is None:
        return None
    events = store().events_after(call.pk, 0, MOST_EVENTS)
    return {
        "call": call_row(call),
        "seq": events[-1]["no"] if events else 0,
        "version_id": None if call.version_id is None else str(call.version_id),
        "events": events,
        **now_in(call, may_see_values),
    }


def news(call_id: UUID | str, after: int, may_see_values: bool) -> dict[str, Any] | None:
    """What a watcher who has seen event `after` still needs: {call, events, sources, waiting}; None: no such call."""
    call = one_call(call_id)
    if call is None:
        return None
    return {
        "call": call_row(call),
        "events": store().events_after(call.pk, after, MOST_NEWS),
        **now_in(call, may_see_values),
    }


def now_in(call: Call, may_see_values: bool) -> dict[str, Any]:
    """{sources, waiting} as the call stands now; empty once it is over."""
    state = _state(call)
    if state is None:
        return {"sources": [], "waiting": None}
    return {"sources": _sources(state, may_see_values), "waiting": _waiting(call, state)}


def _state(call: Call) -> CallState | None:
    if call.key is None or call.state is None:
        return None
    try:
        return CallState.from_json(CallBox(call.key, call.pk).open(call.state, "call.state"))
    except CannotOpen:  # the key went between two reads
        return None


def _sources(state: CallState, may_see_values: bool) -> list[dict[str, Any]]:
    together = mask_together([source.value for source in state.sources.values()])
    # A card number keyed into several prompts, also where one value has replaced the other: from the second part on
    # neither is shown.
    parts = card_parts(state.keyed)
    shown = [hide(value, parts) for value in together]
    made = [
        {
            "name": name,
            "value": masked if may_see_values and source.value is not None else None,
            "length": None if source.value is None else len(source.value),
            "sealed": False,
            "collected": source.collected,
            "applet": source.applet,
            "masked": source.value is not None and (not may_see_values or masked != source.value),
        }
        for (name, source), masked in zip(state.sources.items(), shown, strict=True)
    ]
    made += [
        {
            "name": name,
            "value": None,
            "length": None if source.value is None else len(source.value),
            "sealed": True,
            "collected": True,
            "applet": source.applet,
            "masked": True,
        }
        for name, source in state.sealed.items()
    ]
    return sorted(made, key=lambda source: str(source["name"]).casefold())


def _waiting(call: Call, state: CallState) -> dict[str, Any] | None:
    """What the call waits for, since when (ISO), and for how long at most; of a private leg only that it lasts."""
    wait = state.wait
    if wait is None or call.ended_at is not None:
        return None
    seconds: float | None = None
    if wait["kind"] == "gather":
        seconds = wait.get("first")
    elif wait["kind"] == "fetch":
        seconds = wait.get("seconds")
    elif wait["kind"] == "dial" and not wait.get("private"):
        seconds = wait.get("ring")
    since = datetime.fromtimestamp(state.wait_since, tz=call.started_at.tzinfo)
    return {"what": wait["kind"], "applet": state.applet, "since": iso(since), "seconds": seconds}
