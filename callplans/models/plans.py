"""Plans, their versions, placed applets, wires, and the log of edits.

A placed applet's primary key is its version's id followed by its own key, 32 hex digits each: so the database itself
can check, without triggers, that a wire joins applets of one version and that a version starts at one of its own.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast, Left, Replace
from django.db.models.lookups import Exact

from callplans.models.account import Account


def placed_id(version: uuid.UUID, key: uuid.UUID) -> str:
    """Primary key of the applet `key` on `version`."""
    return version.hex + key.hex


def _hex(field: str) -> Replace:
    """A UUID column as 32 hex digits, the same on every database."""
    return Replace(Cast(field, TextField()), Value("-"), Value(""))


def _of_version(field: str, version: str) -> Exact:
    """Whether the placed applet in `field` belongs to the version in `version`; NULL passes."""
    return Exact(Left(F(field), 32), _hex(version))


class Plan(models.Model):
    """A call plan. `draft` alone changes; `live` is the published version that calls run on, if any."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="plans")
    name = models.CharField(max_length=120)
    description = models.TextField(default="", blank=True)
    service_name = models.CharField(max_length=120, default="", blank=True)
    draft = models.OneToOneField("PlanVersion", models.RESTRICT, related_name="+")
    live = models.ForeignKey("PlanVersion", models.SET_NULL, null=True, blank=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True, db_index=True)
    modified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class VersionState(models.TextChoices):
    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    TRIAL = "trial", "Trial"


class PlanVersion(models.Model):
    """One state of a plan. Published ones have a number, trials and published ones never change.

    `revision` counts the draft's edits; on a frozen version it is the revision that was frozen.
    `seeds`: [{id, name, value}]. `problem_counts`: {errors, warnings} when it was last checked, for lists.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="versions")
    state = models.CharField(max_length=10, choices=VersionState.choices, default=VersionState.DRAFT)
    number = models.PositiveIntegerField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    initial = models.ForeignKey("PlacedApplet", models.SET_NULL, null=True, blank=True, related_name="+")
    hangup = models.ForeignKey("PlacedApplet", models.SET_NULL, null=True, blank=True, related_name="+")
    seeds = models.JSONField(default=list, blank=True)
    apology = models.TextField(default="", blank=True)
    problem_counts = models.JSONField(null=True, blank=True)
    note = models.TextField(default="", blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created", "id"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(state="draft"), name="one_draft_per_plan"),
            models.UniqueConstraint(
                fields=["plan", "revision"], condition=Q(state="trial"), name="one_trial_per_revision"
            ),
            models.UniqueConstraint(fields=["plan", "number"], name="version_number_once_per_plan"),
            models.CheckConstraint(
                condition=Q(state="published", number__isnull=False) | (~Q(state="published") & Q(number__isnull=True)),
                name="published_versions_are_numbered",
            ),
            models.CheckConstraint(condition=_of_version("initial", "id"), name="initial_applet_of_same_version"),
            models.CheckConstraint(condition=_of_version("hangup", "id"), name="hangup_applet_of_same_version"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}" if self.number else f"{self.state} of revision {self.revision}"


class PlacedApplet(models.Model):
    """One applet on a version. `key` is the same on every version it was copied to."""

    id = models.CharField(primary_key=True, max_length=64, editable=False)
    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="applets")
    key = models.UUIDField()
    type = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    settings = models.JSONField(default=dict, blank=True)
    settings_version = models.PositiveIntegerField(default=1)
    x = models.FloatField(default=0)
    y = models.FloatField(default=0)

    class Meta:
        ordering = ["version", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="applet_key_once_per_version"),
            models.CheckConstraint(
                condition=_of_version("id", "version") & Q(Exact(models.functions.Right(F("id"), 32), _hex("key"))),
                name="applet_id_is_version_and_key",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        self.id = self.id or placed_id(self.version_id, self.key)
        super().save(*args, **options)


class Wire(models.Model):
    """From an applet's exit to the next applet; `target` NULL: the call is meant to end there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="wires")
    source = models.ForeignKey(PlacedApplet, models.CASCADE, related_name="wires_out")
    exit = models.CharField(max_length=120)
    target = models.ForeignKey(PlacedApplet, models.CASCADE, null=True, blank=True, related_name="wires_in")

    class Meta:
        ordering = ["version", "source", "exit"]
        constraints = [
            models.UniqueConstraint(fields=["version", "source", "exit"], name="one_wire_per_exit"),
            models.CheckConstraint(condition=_of_version("source", "version"), name="wire_source_of_same_version"),
            models.CheckConstraint(condition=_of_version("target", "version"), name="wire_target_of_same_version"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}.{self.exit}"


class Operation(models.Model):
    """One batch of edits: who changed what, and which revision of the draft it made.

    `batch` is the id of its first operation: a batch sent again is known by it. `op_ids`: ids of all of them.
    `removed`: {applets, wires} that the batch took away, so that taking it back can be told from inventing it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="operations")
    revision = models.PositiveIntegerField()
    batch = models.UUIDField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    ops = models.JSONField()
    op_ids = models.JSONField()
    removed = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["plan", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "revision"], name="one_batch_per_revision"),
            models.UniqueConstraint(fields=["plan", "batch"], name="each_batch_once"),
        ]

    def __str__(self) -> str:
        return f"revision {self.revision}"
