"""What an adapter is: one provider's language, as pure functions from bytes to data and back; and their register.

An adapter never acts. `designer/hooks.py` brings it webhooks, `callplans.calls` asks it to read them, replies go out as
the bytes it gives, and what must be done by request is described as `Request` and sent by `callplans.effects`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from callplans.engine.words import Input, Wait

Status = Literal[
    "initiated", "ringing", "answered", "completed", "busy", "no_answer", "rejected", "cancelled", "failed"
]
TERMINAL: frozenset[str] = frozenset({"completed", "busy", "no_answer", "rejected", "cancelled", "failed"})


@dataclass(slots=True)
class Hook:
    """One webhook as plain data. `url` is the public address it was sent to (from PUBLIC_BASE_URL, never from Host);
    header names are lower case; `now` is the server's clock, for signatures' ages."""

    method: str
    url: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    now: float = 0.0


@dataclass(slots=True)
class Links:
    """Addresses for a document. `wait`: callback of the live token; `again`: where to ask for the rest of a held
    turn, `after` seconds from now; `event`: status callbacks."""

    wait: str = ""
    again: str = ""
    after: float = 1.0
    event: str = ""


@dataclass(slots=True)
class Document:
    body: bytes
    content_type: str = "application/json"


@dataclass(slots=True)
class Request:
    """An HTTP request to the provider, sent out of band by `callplans.effects`. `auth` names how it is signed."""

    method: str
    url: str
    body: dict[str, Any] | None = None
    auth: str = ""
    success: tuple[int, ...] = (200, 201, 204, 404)


@dataclass(slots=True)
class Verdict:
    """What `check` found. `status`: HTTP status for a refusal (403, or 503 where the provider shall send it again);
    `reason` is a code: unsigned, bad_signature, wrong_key, stale, body_changed, malformed."""

    ok: bool
    reason: str = ""
    status: int = 403


@dataclass(slots=True)
class Leg:
    """Where a live call can be reached at its provider: ids and addresses the adapter noted when the call began."""

    id: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Start:
    """What the first webhook of a call says. `clid`: E.164 or None when withheld; `dialled`: E.164."""

    provider_call_id: str
    clid: str | None
    dialled: str
    leg: Leg


@dataclass(slots=True)
class Heard:
    """The callback brings an input that ends the wait."""

    input: Input


@dataclass(slots=True)
class Again:
    """The callback brings only part of an answer: send this document, keep the wait and this memo (JSON)."""

    document: Document
    memo: dict[str, Any]


@dataclass(slots=True)
class Noted:
    """A status: kept in order of `rank` (a lower rank after a higher one is ignored), never advances a plan.
    `call`: the provider's call id it speaks of; `other_leg`: of a leg we dialled. `key`: unique per event."""

    key: str
    status: Status
    rank: int
    call: str = ""
    inbound: bool = True
    other_leg: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Gone:
    """The caller is no longer there; ends the call."""

    by: Literal["caller", "provider", "lost"]
    call: str = ""
    note: Noted | None = None


@dataclass(slots=True)
class Nothing:
    """Valid, but of no consequence (unknown event, recording file, ...)."""

    why: str = ""


@dataclass(slots=True)
class Malformed:
    """Signed, but not in the provider's language: 400 with these words."""

    words: str


Read = Heard | Again | Noted | Gone | Nothing | Malformed


class Adapter:
    """One provider. All methods are pure; `settings` are the connection's open settings, `secrets` its decrypted keys.

    can: capability -> "yes", or the reason why not in plain words. Capabilities: present_any (any caller id on an
    outgoing leg), pause_recording, dtmf, barge_in, speech.
    """

    provider: ClassVar[str]
    title: ClassVar[str]
    can: ClassVar[dict[str, str]] = {}
    hold_after: ClassVar[float] = 2.0
    """Seconds of silence after which a turn that has said nothing is answered with `hold`."""

    def check(self, hook: Hook, secrets: dict[str, Any], settings: dict[str, Any]) -> Verdict:
        raise NotImplementedError

    def start(self, hook: Hook) -> Start | Malformed:
        """Read the first webhook of a call (`answer`, also `fallback`)."""
        raise NotImplementedError

    def event(self, hook: Hook) -> Read:
        """Read a webhook that came to the connection's event address, not to a wait's."""
        raise NotImplementedError

    def read(self, hook: Hook, wait: Wait | None, memo: dict[str, Any], links: Links) -> Read:
        """Read the callback of a wait. `links` are those of the next token, for an `Again`."""
        raise NotImplementedError

    def reply(self, commands: list[Any], links: Links, settings: dict[str, Any]) -> Document:
        """The document for what is said, with the turn's one waiting command (or HangUp) last."""
        raise NotImplementedError

    def hold(self, commands: list[Any], links: Links, settings: dict[str, Any]) -> Document:
        """What is said already, then "ask me again at links.again in links.after seconds"."""
        raise NotImplementedError

    def carry_on(self) -> Document:
        """The answer to a callback that no longer matters: go on with what you have."""
        raise NotImplementedError

    def act(self, command: Any, leg: Leg, settings: dict[str, Any]) -> list[Request]:
        """Requests that make the provider do this now (HangUp, ...)."""
        raise NotImplementedError


class AdapterRegister:
    """The adapters by provider name; filled by importing the folder of adapters."""

    def __init__(self) -> None:
        self._adapters: dict[str, Adapter] = {}

    def add(self, cls: type[Adapter]) -> type[Adapter]:
        """Class decorator: `@adapters.add`."""
        self._adapters[cls.provider] = cls()
        return cls

    def get(self, provider: str) -> Adapter | None:
        return self._adapters.get(provider)

    def all(self) -> list[Adapter]:
        return [self._adapters[name] for name in sorted(self._adapters)]


adapters = AdapterRegister()
