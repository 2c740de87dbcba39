"""Commands as an NCCO, Vonage's call-control document: a non-empty JSON array of actions.

There is no hang-up action: the call ends when the array runs out. What cannot be done is answered with a `notify`
that comes straight back to the wait's address and tells the reason, so that the plan leaves by its failure exit.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from callplans.adapters.vonage.numbers import ours, theirs
from callplans.engine.adapter import Document, Links
from callplans.engine.words import Dial, Drain, Gather, HangUp, Record, Recording, Sound, clean

Action = dict[str, Any]

MOST_TEXT = 1500  # characters of one talk; counted with tags, as the provider's own models do
MOST_DIGITS = 20  # of one input
MOST_PAUSE = 10  # seconds one input waits
MOST_LIMIT = 7200  # seconds of one connect
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def document(actions: list[Action]) -> Document:
    """An empty NCCO is invalid: a bare hang-up is a very short silent talk."""
    body = json.dumps(actions or [silence(0.1)], ensure_ascii=False, separators=(",", ":"))
    return Document(body.encode())


def reply(commands: Iterable[Any], links: Links, settings: dict[str, Any]) -> list[Action]:
    """The actions for everything said and the one wait, or the hang-up, that ends it."""
    sounds: list[Sound] = []
    last: Any = None
    for command in commands:
        if isinstance(command, Sound):
            sounds.append(command)
        else:
            last = command
            break
    asks = isinstance(last, Gather)
    # A talk with bargeIn must lead to an input; elsewhere an interruption would have nowhere to go.
    actions = [action for sound in sounds for action in talk(sound, settings, barge_in=asks and sound.barge_in)]
    if isinstance(last, Gather):
        for prompt in last.prompts:
            actions += talk(prompt, settings, barge_in=prompt.barge_in or last.barge_in)
        actions.append(input_round(last, {}, links, settings))
    elif isinstance(last, Dial):
        actions += dial(last, links, settings)
    elif isinstance(last, Drain):
        actions.append(notify(links.wait, {"step": "played"}))
    elif isinstance(last, (Record, Recording)):
        actions.append(refused(links, f"{last.kind} is not offered for this provider"))
    elif last is not None and not isinstance(last, HangUp):
        actions.append(refused(links, "this command is not known"))
    return actions


def hold(commands: Iterable[Any], links: Links, settings: dict[str, Any]) -> list[Action]:
    """What is said already, a pause, then a notify that asks for the rest."""
    actions = [
        action for sound in commands if isinstance(sound, Sound) for action in talk(sound, settings, barge_in=False)
    ]
    return [*actions, silence(links.after), notify(links.again, {"step": "again"})]


# ---- saying ---------------------------------------------------------------------------------------------------------


def talk(sound: Sound, settings: dict[str, Any], barge_in: bool) -> list[Action]:
    """A sound as talks of at most 1,500 characters, or as a stream when it is a file with an address."""
    extra: Action = {"bargeIn": True} if barge_in else {}
    if sound.file and sound.file.startswith(("http://", "https://")):
        return [{"action": "stream", "streamUrl": [sound.file], **extra}]
    extra["language"] = sound.language or settings.get("language") or "en-GB"
    if sound.voice and sound.voice.isascii() and sound.voice.isdigit() and len(sound.voice) < 4:
        extra["style"] = int(sound.voice)
    return [{"action": "talk", "text": piece, **extra} for piece in pieces(sound.text or "")]


def pieces(text: str) -> list[str]:
    """Text cut where a sentence or a word ends, each piece ready to be spoken and short enough with its escapes."""
    rest = " ".join(_UNSPEAKABLE.sub(" ", clean(text)).split())
    made: list[str] = []
    while rest:
        cut = _cut(rest)
        made.append(_spoken(rest[:cut].strip()))
        rest = rest[cut:].lstrip()
    return made


def _spoken(text: str) -> str:
    """Plain text as it is; text with markup characters as SSML, where they can be escaped."""
    return f"<speak>{escape(text)}</speak>" if any(c in text for c in "<>&") else text


def _cut(text: str) -> int:
    """How many characters of the text fit into one talk."""
    low, high = 1, min(len(text), MOST_TEXT)
    while low < high:  # the longest start that fits once it is escaped
        middle = (low + high + 1) // 2
        low, high = (middle, high) if len(_spoken(text[:middle])) <= MOST_TEXT else (low, middle - 1)
    if low == len(text):
        return low
    for ends in (". ", "! ", "? ", "; ", ", ", " "):
        found = text.rfind(ends, low // 2, low)
        if found > 0:
            return found + len(ends)
    return low


def silence(seconds: float) -> Action:
    milliseconds = int(min(max(seconds, 0.1), 10) * 1000)
    return {"action": "talk", "text": f'<speak><break time="{milliseconds}ms"/></speak>'}


# ---- asking ---------------------------------------------------------------------------------------------------------


def input_round(gather: Gather, memo: dict[str, Any], links: Links, settings: dict[str, Any]) -> Action:
    """One input of a gather. Vonage takes 20 digits and waits 10 s; `memo` says what earlier rounds have got."""
    kinds = ["dtmf"]
    action: Action = {"action": "input", "type": kinds, "dtmf": _dtmf(gather, memo)}
    if gather.speech:
        kinds.append("speech")
        action["speech"] = {
            "language": gather.language or settings.get("language") or "en-GB",
            "startTimeout": min(max(math.ceil(gather.first), 1), 60),
            **({"context": [clean(hint) for hint in gather.hints]} if gather.hints else {}),
        }
    return {**action, "eventUrl": [links.wait], "eventMethod": "POST"}


def _dtmf(gather: Gather, memo: dict[str, Any]) -> dict[str, Any]:
    dtmf: dict[str, Any] = {"maxDigits": digits_asked(gather, memo), "timeOut": pause(gather, memo)}
    if "#" in gather.finish:
        dtmf["submitOnHash"] = True
    return dtmf


def digits_asked(gather: Gather, memo: dict[str, Any]) -> int:
    return min(max(gather.most - len(str(memo.get("digits", ""))), 1), MOST_DIGITS)


def pause(gather: Gather, memo: dict[str, Any]) -> int:
    """Seconds without a key after which this round ends.

    Vonage has one time for "until the first key" and "between keys": the longer one is used for both, because a
    second round with the shorter one would lose keys that are pressed while it begins.
    """
    waited = float(memo.get("waited", 0))
    if memo.get("digits"):
        wanted = gather.between - waited
    else:
        wanted = gather.first - waited
        if gather.most > 1:
            wanted = max(wanted, gather.between)
    return min(max(math.ceil(wanted), 1), MOST_PAUSE)


# ---- connecting -----------------------------------------------------------------------------------------------------


def dial(wait: Dial, links: Links, settings: dict[str, Any]) -> list[Action]:
    """A synchronous connect, and the notify that is reached when the two have talked.

    A caller id that is not one of the connection's own numbers would arrive as "unknown": it is refused here, because
    a payment system that knows the call by its caller id could not find it.
    """
    if wait.via == "phone":
        number = theirs(wait.to)
        if number is None:
            return [refused(links, "not_a_number")]
        endpoint: Action = {"type": "phone", "number": number}
    elif wait.via == "sip" and re.fullmatch(r"sips?:[\w+|:.\-@;,=%&]+", wait.to, re.ASCII):
        endpoint = {"type": "sip", "uri": wait.to, **({"headers": dict(wait.headers)} if wait.headers else {})}
    else:
        return [refused(links, "not_an_address")]

    owned = [number for own in settings.get("own_numbers") or [] if (number := ours(own))]
    if wait.present is not None and wait.present not in owned:
        return [refused(links, "caller_id_not_owned")]
    presented = wait.present or (owned[0] if owned else None)
    connect: Action = {
        "action": "connect",
        **({"from": presented[1:]} if presented else {"randomFromNumber": True}),
        "eventType": "synchronous",
        "timeout": min(max(math.ceil(wait.ring), 1), MOST_LIMIT),
        **({"limit": min(max(math.ceil(wait.talk), 1), MOST_LIMIT)} if wait.talk is not None else {}),
        "eventUrl": [links.wait],
        "eventMethod": "POST",
        "endpoint": [endpoint],
    }
    return [connect, notify(links.wait, {"step": "after-dial"})]


def notify(url: str, payload: dict[str, Any]) -> Action:
    return {"action": "notify", "payload": payload, "eventUrl": [url], "eventMethod": "POST"}


def refused(links: Links, why: str) -> Action:
    """Comes straight back: `events.read` makes the wait's failure of it."""
    return notify(links.wait, {"refused": why})
