"""Encrypted values: AES-256-GCM, the key's id in the value, bound to table, column and row.

A stored value is `v1.<key id>.<base64 of nonce and ciphertext>`. The row is part of what is authenticated, so a
ciphertext copied to another row, column or table does not open there. Keys come from `settings.ENCRYPTION_KEYS`
(base64, 32 bytes); the first one encrypts, all of them decrypt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NONCE = 12


class CannotOpen(Exception):
    """The value was not made by any of our keys for this row, or was changed since."""


class Ciphertext(str):
    """A stored value that has not been opened yet."""

    __slots__ = ()


def key_id(key: bytes) -> str:
    """Eight hex digits that name a key without telling it."""
    return hashlib.sha256(b"key id\0" + key).hexdigest()[:8]


@lru_cache(maxsize=8)
def _ring(texts: tuple[str, ...]) -> dict[str, bytes]:
    ring: dict[str, bytes] = {}
    for text in texts:
        try:
            key = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise ImproperlyConfigured("ENCRYPTION_KEYS: every key must be 32 bytes in base64.")
        ring[key_id(key)] = key
    if not ring:
        raise ImproperlyConfigured("ENCRYPTION_KEYS is empty: nothing can be stored encrypted.")
    return ring


def master_keys() -> dict[str, bytes]:
    """Key id -> key, the encrypting one first."""
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def new_key() -> bytes:
    """A fresh 32-byte key, e.g. for one call."""
    return secrets.token_bytes(32)


def aad(table: str, column: str, row: object) -> bytes:
    """What a value is bound to."""
    return f"{table}.{column}.{row}".encode()


def seal(plain: bytes, bound_to: bytes, key: bytes | None = None) -> str:
    """Encrypt with `key`, or with the first master key."""
    if key is None:
        name, key = next(iter(master_keys().items()))
    else:
        name = key_id(key)
    nonce = secrets.token_bytes(NONCE)
    return f"v1.{name}.{base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, bound_to)).decode()}"


def open_sealed(value: str, bound_to: bytes, key: bytes | None = None) -> bytes:
    """Decrypt what `seal` gave. Raises CannotOpen."""
    version, _, rest = value.partition(".")
    name, _, body = rest.partition(".")
    if version != "v1" or not body:
        raise CannotOpen("not an encrypted value")
    used = key if key is not None else master_keys().get(name)
    if used is None:
        raise CannotOpen(f"encrypted with key {name}, which is not in ENCRYPTION_KEYS")
    try:
        raw = base64.b64decode(body, validate=True)
        if base64.b64encode(raw).decode() != body:
            raise CannotOpen("not written by us")
        return AESGCM(used).decrypt(raw[:NONCE], raw[NONCE:], bound_to)
    except (InvalidTag, ValueError, binascii.Error) as error:
        raise CannotOpen("changed, or copied from another row") from error


def made_by_first_key(value: str) -> bool:
    """Whether a stored value needs no rotation."""
    return value.split(".")[1:2] == [next(iter(master_keys()))]


class _OpensOnRead:
    """Opens the stored value when the attribute is read: only then is the row it belongs to known."""

    def __init__(self, field: EncryptedTextField) -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.field.attname
        if name not in instance.__dict__:
            instance.refresh_from_db(fields=[name])
        value = instance.__dict__[name]
        if isinstance(value, Ciphertext):
            return self.field.opened(value, instance)
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text, encrypted. The row's primary key must be known before saving (UUIDs are). NULL stays NULL."""

    descriptor_class = _OpensOnRead

    def bound_to(self, instance: models.Model) -> bytes:
        if instance.pk is None:
            raise ValueError("the row's id must be known before its encrypted fields are saved")
        return aad(self.model._meta.db_table, self.column, instance.pk)

    def to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def from_bytes(self, raw: bytes) -> Any:
        return raw.decode()

    def opened(self, value: str, instance: models.Model) -> Any:
        return self.from_bytes(open_sealed(value, self.bound_to(instance)))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Ciphertext):
            return value
        return Ciphertext(seal(self.to_bytes(value), self.bound_to(model_instance)))

    def get_prep_value(self, value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Ciphertext):
            raise TypeError(f"{self.name} is encrypted for its row: save the row, it cannot be updated or looked up")
        return str(value)

    def to_python(self, value: Any) -> Any:
        return value


class EncryptedJSONField(EncryptedTextField):
    """JSON, encrypted as a whole. A changed dict must be assigned again: reading gives a fresh copy."""

    def to_bytes(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def from_bytes(self, raw: bytes) -> Any:
        return json.loads(raw)
