"""Rows of the product itself: only the sandbox's pretend payments. The domain's rows are in `callplans.models`."""

from __future__ import annotations

import secrets
import uuid

from django.db import models


def _line() -> str:
    return secrets.token_urlsafe(16)


class SandboxPayment(models.Model):
    """One session of the pretend payment system. A row, because web and worker processes share it.

    `clid`: the caller id by which the line finds the session; unique while `open`. `line`: the handset's own secret
    address. Of the card nothing is kept, only what came of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clid = models.CharField(max_length=20)
    open = models.BooleanField(default=True)
    line = models.CharField(max_length=32, unique=True, default=_line)
    call = models.CharField(max_length=64, blank=True)
    account = models.CharField(max_length=32)
    amount = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3)
    outcome = models.CharField(max_length=10, default="PENDING")
    receipt = models.CharField(max_length=20, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    completed = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created"]
        verbose_name = "sandbox payment"
        indexes = [models.Index(fields=["created"])]
        constraints = [
            models.UniqueConstraint(fields=["clid"], condition=models.Q(open=True), name="sandbox_clid_once_while_open")
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.currency} {self.outcome}"
