"""Everything encrypted gets the first key, and nothing encrypted is forgotten."""

from __future__ import annotations

import base64
import secrets
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from callplans.models import Account, Call, Connection, Secret
from callplans.models.callkeys import CallBox, wrap_new_key
from callplans.rotation import columns, rotate
from tests.callplans.people import new_id
from tests.callplans.test_fields import stored


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def account(db: None) -> Account:
    return Account.objects.create(name="Harbour Water")


class TestRotation:
    def test_everything_gets_the_first_key(self, account: Account, settings: object) -> None:
        settings.ENCRYPTION_KEYS = [old := key()]  # type: ignore[attr-defined]  # pytest-django's settings
        secret = Secret.objects.create(account=account, key="PayKey", value="hush")
        Secret.objects.create(account=account, key="Null", value=None)
        connected = Connection.objects.create(account=account, provider="vonage", name="V", secrets={"a": "b"})
        call = Call(account=account, provider="vonage", provider_call_id=new_id(), started_at=timezone.now())
        call.key = wrap_new_key(call.pk)
        call.save()
        state = CallBox(call.key, call.pk).seal({"a": 1}, "call.state")

        settings.ENCRYPTION_KEYS = [new := key(), old]  # type: ignore[attr-defined]  # pytest-django's settings
        out = StringIO()
        call_command("rotate_secrets", "--count", stdout=out)
        assert "3 would be encrypted again" in out.getvalue()
        out = StringIO()
        call_command("rotate_secrets", stdout=out)
        assert "3 encrypted again, 0 already" in out.getvalue()
        assert (rotate().changed, rotate().current) == (0, 3)

        settings.ENCRYPTION_KEYS = [new]  # type: ignore[attr-defined]  # pytest-django's settings
        assert Secret.objects.get(pk=secret.pk).value == "hush"
        assert Connection.objects.get(pk=connected.pk).secrets == {"a": "b"}
        call.refresh_from_db()
        assert CallBox(str(call.key), call.pk).open(state, "call.state") == {"a": 1}

    def test_what_no_key_opens_is_listed_and_left(self, account: Account, settings: object) -> None:
        settings.ENCRYPTION_KEYS = [key()]  # type: ignore[attr-defined]  # pytest-django's settings
        secret = Secret.objects.create(account=account, key="PayKey", value="hush")
        before = stored("callplans_secret", "value", secret.pk)
        settings.ENCRYPTION_KEYS = [key()]  # type: ignore[attr-defined]  # pytest-django's settings
        with pytest.raises(CommandError, match=str(secret.pk)):
            call_command("rotate_secrets", stdout=StringIO())
        assert stored("callplans_secret", "value", secret.pk) == before

    def test_no_encrypted_column_is_forgotten(self) -> None:
        names = {(model.__name__, attribute) for model, attribute, _ in columns()}
        assert names == {("Call", "key"), ("Secret", "value"), ("Connection", "secrets"), ("Trial", "key")}
