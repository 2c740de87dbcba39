"""Encrypted values: bound to their row, named by their key, rotated."""

from __future__ import annotations

import base64
import secrets
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from callplans.models import Account, Call, Connection, Secret
from callplans.models.callkeys import CallBox, wrap_new_key
from callplans.models.fields import CannotOpen, aad, master_keys, new_key, open_sealed, seal
from callplans.rotation import columns, rotate
from tests.callplans.people import new_id

ROW = aad("table", "column", "row")


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def stored(table: str, column: str, row: object) -> str:
    """What the database itself holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{column}" FROM "{table}" WHERE id = %s',
            [getattr(row, "hex", row) if connection.vendor == "sqlite" else row],
        )
        return str(cursor.fetchone()[0])


@pytest.fixture
def account(db: None) -> Account:
    return Account.objects.create(name="Harbour Water")


class TestSealing:
    def test_there_and_back(self) -> None:
        sealed = seal("geheim £".encode(), ROW)
        assert sealed.startswith(f"v1.{next(iter(master_keys()))}.")
        assert open_sealed(sealed, ROW).decode() == "geheim £"
        assert seal(b"same", ROW) != seal(b"same", ROW)

    def test_it_opens_nowhere_else(self) -> None:
        sealed = seal(b"hush", ROW)
        for other in (aad("table", "column", "other"), aad("table", "other", "row"), aad("other", "column", "row")):
            with pytest.raises(CannotOpen):
                open_sealed(sealed, other)

    def test_every_changed_character_is_noticed(self) -> None:
        sealed = seal(b"hush", ROW)
        for index in range(len(sealed)):
            other = "A" if sealed[index] != "A" else "B"
            with pytest.raises(CannotOpen):
                open_sealed(sealed[:index] + other + sealed[index + 1 :], ROW)

    @pytest.mark.parametrize("value", ["", "hush", "v1", "v1..", "v1.x.y", "v2.a.b", "v1.00000000.AAAA", "v1.\x00.é"])
    def test_what_was_never_sealed(self, value: str) -> None:
        with pytest.raises(CannotOpen):
            open_sealed(value, ROW)

    def test_a_key_of_its_own(self) -> None:
        own = new_key()
        sealed = seal(b"hush", ROW, own)
        assert open_sealed(sealed, ROW, own) == b"hush"
        with pytest.raises(CannotOpen):
            open_sealed(sealed, ROW)
        with pytest.raises(CannotOpen):
            open_sealed(sealed, ROW, new_key())

    @pytest.mark.parametrize("keys", [[], ["short"], [base64.b64encode(b"x" * 31).decode()], ["%%%"]])
    def test_bad_keys_are_said_at_once(self, settings: object, keys: list[str]) -> None:
        settings.ENCRYPTION_KEYS = keys  # type: ignore[attr-defined]  # pytest-django's settings
        with pytest.raises(ImproperlyConfigured):
            seal(b"hush", ROW)


class TestFields:
    def test_the_database_holds_only_the_sealed_value(self, account: Account) -> None:
        secret = Secret.objects.create(account=account, key="PayKey", value="hush")
        assert "hush" not in stored("callplans_secret", "value", secret.pk)
        assert secret.value == "hush"
        assert Secret.objects.get().value == "hush"
        connected = Connection.objects.create(account=account, provider="vonage", name="V", secrets={"api_key": "hush"})
        assert "hush" not in stored("callplans_connection", "secrets", connected.pk)
        assert Connection.objects.get().secrets == {"api_key": "hush"}

    def test_null_and_empty_are_told_apart(self, account: Account) -> None:
        nothing = Secret.objects.create(account=account, key="Null", value=None)
        empty = Secret.objects.create(account=account, key="Empty", value="")
        assert Secret.objects.get(pk=nothing.pk).value is None
        assert Secret.objects.get(pk=empty.pk).value == ""

    def test_a_copied_value_does_not_open_in_another_row(self, account: Account) -> None:
        rich = Secret.objects.create(account=account, key="Rich", value="hush")
        poor = Secret.objects.create(account=account, key="Poor", value="open")
        copied = stored("callplans_secret", "value", rich.pk)
        with connection.cursor() as cursor:
            cursor.execute('UPDATE "callplans_secret" SET "value" = %s WHERE "key" = %s', [copied, "Poor"])
        with pytest.raises(CannotOpen):
            _ = Secret.objects.get(pk=poor.pk).value

    def test_an_untouched_value_is_not_written_anew(self, account: Account) -> None:
        secret = Secret.objects.create(account=account, key="PayKey", value="hush")
        before = stored("callplans_secret", "value", secret.pk)
        again = Secret.objects.get()
        again.key = "Other"
        again.save()
        assert stored("callplans_secret", "value", secret.pk) == before
        again.value = "new"
        again.save()
        assert Secret.objects.get().value == "new"

    def test_deferred_and_bulk(self, account: Account) -> None:
        Secret.objects.bulk_create([Secret(account=account, key=f"K{i}", value=f"v{i}") for i in range(3)])
        assert [s.value for s in Secret.objects.defer("value").order_by("key")] == ["v0", "v1", "v2"]

    def test_it_cannot_be_updated_or_looked_up_by_value(self, account: Account) -> None:
        with pytest.raises(TypeError):
            Secret.objects.update(value="plain")
        with pytest.raises(TypeError):
            Secret.objects.filter(value="plain").exists()


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
