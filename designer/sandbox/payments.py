"""The pretend payment system's memory: sessions, found by caller id while open, readable for 15 minutes once over."""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from callplans.engine.masking import mask
from designer.models import SandboxPayment
from designer.sandbox.demo import PAYMENT_CLIDS

READABLE = timedelta(minutes=15)
KEPT = timedelta(days=1)
TEST_CARDS = {"4111111111111111": "PAID", "4000000000000002": "DECLINED"}


def begin(call: str, account: str, amount: Decimal, currency: str) -> SandboxPayment:
    """A new session with a caller id of its own. When all are taken, the oldest session gives up its own."""
    SandboxPayment.objects.filter(created__lt=timezone.now() - KEPT).delete()
    for _ in range(20):
        try:
            with transaction.atomic():
                taken = set(SandboxPayment.objects.filter(open=True).values_list("clid", flat=True))
                free = [clid for clid in PAYMENT_CLIDS if clid not in taken]
                if not free:
                    oldest = SandboxPayment.objects.filter(open=True).order_by("created").values("pk")[:1]
                    finish(SandboxPayment.objects.get(pk__in=oldest), "ABANDONED")
                    continue
                return SandboxPayment.objects.create(
                    clid=secrets.choice(free), call=mask(call[:64]), account=mask(account), amount=amount,
                    currency=currency,
                )  # fmt: skip
        except IntegrityError:  # somebody took the same caller id in the same moment
            continue
    raise RuntimeError("no caller id is free")


def find(clid: str) -> SandboxPayment | None:
    """The open session that the line knows by the number its caller shows."""
    return SandboxPayment.objects.filter(clid=clid, open=True).first()


def finish(payment: SandboxPayment, outcome: str) -> None:
    """End the session, once. FAILED: the line broke, so nobody learns what came of it, and the result stays PENDING."""
    receipt = f"R-{secrets.randbelow(900_000) + 100_000}" if outcome == "PAID" else ""
    kept = "PENDING" if outcome == "FAILED" else outcome
    changed = SandboxPayment.objects.filter(pk=payment.pk, open=True).update(
        open=False, outcome=kept, receipt=receipt, completed=timezone.now()
    )
    if changed:
        payment.open, payment.outcome, payment.receipt = False, kept, receipt


def readable(payment: SandboxPayment) -> bool:
    return payment.completed is None or timezone.now() - payment.completed < READABLE
