"""Sign-in links: good once, for twelve hours. Only a hash of their token is stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from callplans.models import SignInLink

GOOD_FOR = timedelta(hours=12)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def make_link(user: Any) -> str:
    """A new link that signs this person in; links that have run out are swept away on the way."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    SignInLink.objects.filter(expires__lt=now - GOOD_FOR).delete()
    SignInLink.objects.create(token_hash=_hash(token), user=user, expires=now + GOOD_FOR)
    return f"{settings.PUBLIC_BASE_URL}/signin/{token}"


def _good(token: str) -> Any:
    return SignInLink.objects.filter(
        token_hash=_hash(token), used=None, expires__gt=timezone.now(), user__is_active=True
    )


def peek_link(token: str) -> Any:
    """Whom the link would sign in, without using it up; None: unknown, used, or run out."""
    link = _good(token).select_related("user").first()
    return link.user if link else None


def use_link(token: str) -> Any:
    """Use the link up and give its user; None: unknown, used, or run out. Of two at once, one wins."""
    user = peek_link(token)
    if user is None or not _good(token).update(used=timezone.now()):
        return None
    return user
