"""Accounts and what belongs to them: members, secrets, payment lines, connections, destinations, mappings."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower

from callplans.models.fields import EncryptedJSONField, EncryptedTextField


class Account(models.Model):
    """One customer: every row of the product leads here. `zone`: IANA time zone; `language`: BCP 47, for speech."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=16, default="en-GB")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    EDITOR = "editor", "Editor"
    VIEWER = "viewer", "Viewer"


class Member(models.Model):
    """A person's place in an account; what the role may do is in `callplans.access`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.VIEWER)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "user"], name="member_once_per_account")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class Secret(models.Model):
    """A custom configuration setting, written #(key) in plans. `value`: "" = without a value, NULL = null."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="secrets")
    key = models.CharField(max_length=255)
    value = EncryptedTextField(null=True, blank=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["key", "id"]
        verbose_name = "custom configuration setting"
        constraints = [models.UniqueConstraint("account", Lower("key"), name="secret_key_once_per_account")]

    def __str__(self) -> str:
        return self.key


class PaymentLine(models.Model):
    """A number of the payment system that Self Service Transfer to PCI may dial. `caller_ids`: E.164 it may show."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="payment_lines")
    number = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    caller_ids = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="payment_line_once_per_account")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"


class Connection(models.Model):
    """An account's access to one provider. `secrets`: its keys; `fallback`: the document sent when all else fails."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="connections")
    provider = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    secrets = EncryptedJSONField(default=dict, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    fallback = models.TextField(default="", blank=True)
    active = models.BooleanField(default=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.provider})"


class DestinationKind(models.TextChoices):
    PSTN = "pstn", "Phone number"
    API = "api", "Named route"


class Destination(models.Model):
    """A phone number or named route that can reach a plan. `seeds`: [{name, value}] set when a call begins."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="destinations")
    connection = models.ForeignKey(Connection, models.SET_NULL, null=True, blank=True, related_name="destinations")
    kind = models.CharField(max_length=8, choices=DestinationKind.choices, default=DestinationKind.PSTN)
    address = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    description = models.TextField(default="", blank=True)
    seeds = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["account", "address"], name="destination_once_per_account")]

    def __str__(self) -> str:
        return f"{self.name} {self.address}"


class Mapping(models.Model):
    """Destinations -> live plan, or test plan for callers listed in `sources`. The highest priority counts, at a tie
    the one modified last."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="mappings")
    destinations = models.ManyToManyField(Destination, related_name="mappings")
    live_plan = models.ForeignKey("callplans.Plan", models.CASCADE, related_name="mappings")
    test_plan = models.ForeignKey("callplans.Plan", models.SET_NULL, null=True, blank=True, related_name="tested_by")
    sources = models.JSONField(default=list, blank=True)
    seeds = models.JSONField(default=list, blank=True)
    priority = models.IntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(10_000)])
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-priority", "-modified", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(priority__gte=1, priority__lte=10_000), name="mapping_priority_1_to_10000"
            )
        ]

    def __str__(self) -> str:
        return f"{self.live_plan} at {self.priority}"


class SignInLink(models.Model):
    """A link that signs a person in once. Only a hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-expires", "id"]

    def __str__(self) -> str:
        return f"{self.user} until {self.expires:%Y-%m-%d %H:%M}"
