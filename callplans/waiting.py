"""What a hook gets as its answer: addresses, tokens, documents, and how long to hold and to wait. No database here."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from callplans.engine.adapter import Adapter, Document, Links
from callplans.engine.call import seconds_to_say
from callplans.engine.words import Dial, Gather, HangUp, Record, Sound, Wait, commands
from callplans.models.callkeys import CallBox
from callplans.store.rows import CallRecord, TurnRecord

START = "start"
SLACK = 60.0
"""Seconds after the longest a wait can take, before its callback counts as lost."""
LONGEST_TALK = 4 * 3600.0
LONGEST_TRIAL_TALK = 600.0
HOLD_STEPS = (1.0, 1.0, 2.0, 2.0)
HOLD_LAST = 3.0
POLL_GRACE = 2.0
"""Seconds after an effect's deadline until a poll gives it up."""


# ---- tokens ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _token_key(secret: str) -> bytes:
    return hmac.new(secret.encode(), b"callplans turn tokens", hashlib.sha256).digest()


def token_of(call: UUID, word: int | str) -> str:
    """`<seq>.<HMAC over call and seq>`; `start` has one too, for the polls of a call's first turn."""
    made = hmac.new(_token_key(settings.SECRET_KEY), f"{call.hex}.{word}".encode(), hashlib.sha256).digest()
    return f"{word}.{urlsafe_b64encode(made[:16]).decode().rstrip('=')}"


def heard_as(call: UUID, token: str) -> str | None:
    """The token as turns keep it, or None for one that we never gave out."""
    word = token.partition(".")[0]
    if len(token) > 80 or not (word == START or (word.isascii() and word.isdigit())):
        return None
    if not hmac.compare_digest(token_of(call, word).encode(), token.encode("utf-8", "replace")):
        return None
    return START if word == START else token


# ---- addresses ------------------------------------------------------------------------------------------------------


def links_of(call: CallRecord, next_token: str, again: str = "", after: float = 1.0) -> Links:
    """Addresses for a document of this call. `again`: token, heard and poll of a held turn, as `poll_query` gives."""
    line = f"{settings.PUBLIC_BASE_URL}/hooks/{call.provider}/{call.line}"
    wait = f"{line}/{call.id}/{next_token}" if next_token else ""
    return Links(wait, f"{line}/{call.id}/{again}" if again else "", after, f"{line}/event")


def next_links(call: CallRecord) -> Links:
    """Addresses of the token that follows the live one."""
    return links_of(call, token_of(call.id, call.seq + 1))


# ---- how long -------------------------------------------------------------------------------------------------------


def poll_after(poll: int) -> float:
    """Seconds until poll number `poll` (from 0): 1, 1, 2, 2, 3, 3, ..."""
    return HOLD_STEPS[poll] if poll < len(HOLD_STEPS) else HOLD_LAST


def longest(wait: Wait, trial: bool = False) -> float:
    """Seconds after which even a slow caller's answer to this wait has come. In a `trial` the other leg is a button in
    a page, and a page that was closed says nothing: nobody talks for hours there."""
    match wait:
        case Gather():
            said = sum(seconds_to_say(prompt.text or "") for prompt in wait.prompts)
            return said + wait.first + wait.between * wait.most
        case Dial():
            longest_talk = LONGEST_TRIAL_TALK if trial else LONGEST_TALK
            return wait.ring + (wait.talk if wait.talk is not None else longest_talk)
        case Record():
            return float(wait.seconds)
    return 0.0


def callback_due(now: float, said: list[Any], wait: Wait, trial: bool = False) -> float:
    """When the callback of a wait counts as lost."""
    spoken = sum(c.seconds or seconds_to_say(c.text or "") for c in said if isinstance(c, Sound))
    return now + spoken + longest(wait, trial) + SLACK


# ---- parts and documents --------------------------------------------------------------------------------------------
# A part is what one step said: {"say": [commands]}; or the document of another round: {"document": text, "type": ...}.


def say_part(said: list[Any]) -> dict[str, Any]:
    return {"say": commands.dump_python(said, mode="json")}


def document_part(document: Document) -> dict[str, Any]:
    return {"document": document.body.decode(), "type": document.content_type}


def sealed_parts(box: CallBox, token: str, parts: list[dict[str, Any]]) -> str:
    return box.seal(parts, f"turn.parts.{token}")


def open_parts(box: CallBox, turn: TurnRecord) -> list[dict[str, Any]]:
    return box.open(turn.parts, f"turn.parts.{turn.token}") or []


def said_in(parts: list[dict[str, Any]]) -> list[Any]:
    """The commands of several parts in order."""
    return commands.validate_python([command for part in parts for command in part.get("say", ())])


@dataclass(slots=True)
class Asked:
    """What one hook may still hear of a turn. `heard`: parts it had already; `poll`: number of this poll, None for
    the hook that brought the input."""

    heard: int = 0
    poll: int | None = None


def reply_of(
    adapter: Adapter, line_settings: dict[str, Any], call: CallRecord, turn: TurnRecord, parts: list[dict[str, Any]],
    asked: Asked,
) -> Document:  # fmt: skip
    """The reply of a turn that is done: the same bytes for the same (token, heard), always."""
    rest = parts[asked.heard :] if asked.heard <= len(parts) else []
    if rest and "document" in rest[-1]:
        return Document(rest[-1]["document"].encode(), rest[-1]["type"])
    said = said_in(rest)
    if not said:  # a poll that asks for more than there is: whoever made it has all of it
        return adapter.carry_on()
    return adapter.reply(said, links_of(call, turn.next_token), line_settings)


def hold_of(
    adapter: Adapter, line_settings: dict[str, Any], call: CallRecord, turn: TurnRecord, parts: list[dict[str, Any]],
    asked: Asked,
) -> Document:  # fmt: skip
    """What is said already and was not heard yet, then: ask again."""
    poll = 0 if asked.poll is None else asked.poll + 1
    heard = max(asked.heard, len(parts))
    asked_again = token_of(call.id, "start") if turn.token == START else turn.token
    again = f"{asked_again}?heard={heard}&poll={poll}"
    return adapter.hold(said_in(parts[asked.heard :]), links_of(call, "", again, poll_after(poll)), line_settings)


def last_words(adapter: Adapter, line_settings: dict[str, Any], call: CallRecord, reason: str) -> Document:
    """For a leg that is still there though its call was ended: hang up."""
    return adapter.reply([HangUp(reason=reason)], links_of(call, token_of(call.id, 0)), line_settings)
