"""One shape for everything that goes wrong: {"error": {code, message, fields: [{path, code, message}], ...}}."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404
from pydantic import ValidationError as PydanticError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from callplans import drafts
from callplans.operations import FieldError, Invalid, dotted, plain
from callplans.store.base import Unavailable

log = logging.getLogger(__name__)

CODES = {
    400: "malformed", 401: "signed_out", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    406: "not_acceptable", 413: "too_large", 415: "unsupported_media_type", 429: "too_many_requests",
}  # fmt: skip
WORDS = {
    401: "You are signed out.",
    403: "Your role does not allow this.",
    404: "There is nothing here, or it is not yours.",
    413: "The request is too large.",
}


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = WORDS[413]
    default_code = "too_large"


class Conflict(exceptions.APIException):
    """Cannot be done as things are. `code` says why."""

    status_code = 409

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code)


def answer(status: int, code: str, message: str, fields: list[dict[str, Any]] | None = None, **more: Any) -> Response:
    return Response({"error": {"code": code, "message": message, "fields": fields or [], **more}}, status=status)


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: every exception of a view ends here."""
    set_rollback()
    response = _ours(error) or _of_framework(error)
    if response is None:
        log.exception("A request failed: %s", type(error).__name__, exc_info=error)
        response = answer(500, "internal", "Something went wrong on our side; nothing was changed.")
    return response


def _ours(error: Exception) -> Response | None:
    match error:
        case Invalid():
            return answer(400, "invalid", str(error), [asdict(field) for field in error.fields])
        case drafts.Stale():
            more = {"revision": error.revision, "operations": error.operations}
            return answer(409, "stale_revision", str(error), **more)
        case drafts.NotReady():
            return answer(409, "has_errors", str(error), problems=[p.to_json() for p in error.problems])
        case drafts.OpenExits():
            return answer(409, "open_exits", str(error), problems=[p.to_json() for p in error.problems])
        case drafts.CallsLive():
            return answer(409, "calls_live", str(error), calls=error.count)
        case drafts.InUse():
            return answer(409, "in_use", str(error), impact=asdict(error.impact))
        case PydanticError():
            fields = [asdict(field) for field in fields_of(error)]
            return answer(400, "invalid", fields[0]["message"], fields)
        case DataError():
            return answer(400, "malformed", "There is text or a number in this that cannot be kept or looked for.")
        case IntegrityError():
            return answer(409, "conflict", "Somebody else has just made or removed the same thing.")
        case OperationalError() | Unavailable():
            log.error("The database does not answer: %s", type(error).__name__)
            return answer(503, "unavailable", "The database does not answer; nothing was changed. Try again.")
    return None


def fields_of(error: PydanticError, *prefix: str) -> list[FieldError]:
    """pydantic's errors as ours, their paths below `prefix`."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [FieldError(dotted(*prefix, *one["loc"]), one["type"], plain(one)) for one in found]


def _of_framework(error: Exception) -> Response | None:
    match error:
        case exceptions.ValidationError():
            fields = list(_flat(error.detail, ()))
            return answer(400, "invalid", fields[0]["message"] if fields else "Invalid.", fields)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return answer(401, "signed_out", WORDS[401])
        case Http404():
            return answer(404, "not_found", WORDS[404])
        case PermissionDenied():
            return answer(403, "forbidden", WORDS[403])
        case RequestDataTooBig():
            return answer(413, "too_large", WORDS[413])
        case exceptions.APIException():
            return _of_api(error)
    return None


def _of_api(error: exceptions.APIException) -> Response:
    status, words = error.status_code, str(error.detail)
    code = str(getattr(error.detail, "code", "")) or CODES.get(status, "error")
    if status == 403 and words.startswith("CSRF"):
        return answer(403, "csrf", "The page is out of date: reload it.")
    if code in ("permission_denied", "parse_error", "not_found"):
        code = CODES[status]
        words = WORDS.get(status, words)
    response = answer(status, code, words)
    if getattr(error, "wait", None):
        response["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]  # Throttled has it
    return response


def _flat(detail: Any, path: tuple[str | int, ...]) -> Any:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flat(inner, path if name == "non_field_errors" else (*path, name))
    elif isinstance(detail, list) and any(isinstance(inner, dict | list) for inner in detail):
        for index, inner in enumerate(detail):
            yield from _flat(inner, (*path, index))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, path)
    else:
        yield {
            "path": dotted(*path),
            "code": str(getattr(detail, "code", "invalid")),
            "message": str(detail),
            "applet": None,
            "field": None,
        }
