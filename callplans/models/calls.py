"""Calls and what happened in them. Written by the statements of `callplans.store`, never by `save()`.

`Sealed` columns hold text encrypted with the call's own key (`callplans.models.callkeys`); when the call is over that
key is deleted, and with it everything they held. Columns that only machines read keep times as seconds since the epoch.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from callplans.models.account import Account, Connection
from callplans.models.fields import EncryptedTextField
from callplans.models.plans import Plan, PlanVersion


class Trial(models.Model):
    """A draft being called from the browser: stands where a connection stands. `key` signs its hooks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="trials")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    call_id = models.UUIDField(unique=True, default=uuid.uuid4)
    clid = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  # null: withheld
    key = EncryptedTextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created", "id"]

    def __str__(self) -> str:
        return f"trial of {self.version_id}"


class Call(models.Model):
    """A caller's visit. `seq` moves with every step; `awaits` is exactly one of `start`, the live token,
    `effect:<turn>.<no>`, `hangup`, or empty."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="calls")
    plan = models.ForeignKey(Plan, models.CASCADE, null=True, blank=True, related_name="calls")
    version = models.ForeignKey(PlanVersion, models.CASCADE, null=True, blank=True, related_name="calls")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, blank=True, related_name="calls")
    from_trial = models.ForeignKey(Trial, models.SET_NULL, null=True, blank=True, related_name="calls")
    trial = models.BooleanField(default=False)
    provider = models.CharField(max_length=32)
    provider_call_id = models.CharField(max_length=120)
    leg = models.JSONField(default=dict)
    clid = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  # null: withheld
    dialled = models.CharField(max_length=64, default="", blank=True)

    seq = models.BigIntegerField(default=0)
    last_event = models.BigIntegerField(default=0)
    awaits = models.CharField(max_length=120, default="", blank=True)
    key = models.TextField(null=True, blank=True)  # noqa: DJ001  # null: deleted
    state = models.TextField(null=True, blank=True)  # noqa: DJ001  # sealed; null: not begun, or over
    memo = models.TextField(null=True, blank=True)  # noqa: DJ001  # sealed
    status = models.CharField(max_length=16, default="", blank=True)
    status_rank = models.IntegerField(default=0)
    troubles = models.PositiveSmallIntegerField(default=0)
    due_at = models.FloatField(null=True, blank=True)
    at_key = models.CharField(max_length=64, default="", blank=True)
    at_name = models.CharField(max_length=120, default="", blank=True)

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        ordering = ["-started_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "provider", "provider_call_id"], name="provider_call_once"),
        ]
        indexes = [
            models.Index(fields=["account", "-started_at"], name="call_by_account"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="call_due"),
            models.Index(fields=["account"], condition=Q(ended_at__isnull=True), name="call_live"),
            models.Index(fields=["ended_at"], condition=Q(key__isnull=False), name="call_with_key"),
        ]

    def __str__(self) -> str:
        return f"{self.clid or 'withheld'} to {self.dialled or 'a draft'}"


class TurnStatus(models.TextChoices):
    NEW = "new", "Needs a taker"
    WAITING = "waiting", "Waits for an effect"
    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"
    LATE = "late", "Late"
    NOTED = "noted", "Noted"


class Turn(models.Model):
    """One thing heard, and what it led to. `parts`: what each step said, in order (sealed)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, models.CASCADE, related_name="turns")
    token = models.CharField(max_length=160)
    input = models.TextField(null=True, blank=True)  # noqa: DJ001  # sealed
    status = models.CharField(max_length=8, choices=TurnStatus.choices, default=TurnStatus.NEW)
    parts = models.TextField(null=True, blank=True)  # noqa: DJ001  # sealed
    next_token = models.CharField(max_length=120, default="", blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveIntegerField(default=0)
    heard_at = models.FloatField()
    due_at = models.FloatField(null=True, blank=True)  # from then on whoever waits for it takes it
    swept_at = models.FloatField(null=True, blank=True)  # when the sweeper handed it out last

    class Meta:
        ordering = ["call", "heard_at"]
        constraints = [models.UniqueConstraint(fields=["call", "token"], name="turn_once_per_token")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="new"), name="turn_due"),
            models.Index(fields=["heard_at"], name="turn_by_age"),
        ]

    def __str__(self) -> str:
        return f"turn {self.token.partition('.')[0]}"


class EffectStatus(models.TextChoices):
    NEW = "new", "To be done"
    RUNNING = "running", "Begun"
    ANSWERED = "answered", "Answered"
    LOST = "lost", "Lost"
    CANCELLED = "cancelled", "Cancelled"


class EffectRow(models.Model):
    """One thing the outside world was asked to do. `no`: its number in the call; `seconds`: how long it may take."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, models.CASCADE, related_name="effects")
    turn = models.ForeignKey(Turn, models.CASCADE, related_name="effects")
    no = models.PositiveIntegerField()
    kind = models.CharField(max_length=32)
    awaited = models.BooleanField()
    repeatable = models.BooleanField()
    status = models.CharField(max_length=10, choices=EffectStatus.choices, default=EffectStatus.NEW)
    attempt = models.PositiveSmallIntegerField(default=0)
    seconds = models.FloatField(default=10)
    request = models.TextField()
    answer = models.TextField(null=True, blank=True)  # noqa: DJ001  # sealed
    late_answer = models.TextField(null=True, blank=True)  # noqa: DJ001  # sealed
    made_at = models.FloatField()
    began_at = models.FloatField(null=True, blank=True)
    due_at = models.FloatField()

    class Meta:
        db_table = "callplans_effect"
        ordering = ["call", "no"]
        constraints = [models.UniqueConstraint(fields=["turn", "no"], name="effect_once_per_turn")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status__in=["new", "running"]), name="effect_due"),
            models.Index(fields=["call"], condition=Q(status__in=["new", "running"]), name="effect_open"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.no}"


class EventRow(models.Model):
    """What happened, numbered per call without gaps. Never holds a collected value or a secret."""

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, models.CASCADE, related_name="events", db_index=False)
    no = models.BigIntegerField()
    turn = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    applet = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  # null: not of an applet
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "callplans_event"
        ordering = ["call", "no"]
        constraints = [models.UniqueConstraint(fields=["call", "no"], name="event_number_once")]

    def __str__(self) -> str:
        return f"{self.no} {self.kind}"


class Counter(models.Model):
    """Whose turn it is, across calls: `<plan>:<name>` and the number handed out last."""

    name = models.CharField(primary_key=True, max_length=200)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Lease(models.Model):
    """Work that one process at a time may do. It ends by itself at `until` (seconds since the epoch)."""

    name = models.CharField(primary_key=True, max_length=64)
    holder = models.CharField(max_length=120)
    until = models.FloatField()

    def __str__(self) -> str:
        return f"{self.name} held by {self.holder}"


class Refusal(models.Model):
    """How often hooks were refused: of a refused request nothing else is kept. `line`: the connection it named."""

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=32)
    line = models.CharField(max_length=36, default="", blank=True)
    reason = models.CharField(max_length=32)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day", "provider", "reason"]
        constraints = [
            models.UniqueConstraint(fields=["day", "provider", "line", "reason"], name="refusal_counted_per_day")
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.reason} on {self.day}"
