"""Encrypted values: bound to their row, named by their key, rotated."""

from __future__ import annotations

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from callplans.models import Account, Connection, Secret
from callplans.models.fields import CannotOpen, aad, master_keys, new_key, open_sealed, seal

ROW = aad("table", "column", "row")


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
