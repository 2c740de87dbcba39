"""Announcer: a value or a text, spoken."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from callplans.engine import reading, speech
from callplans.engine.applet import Applet, Exit, Next, Prompt, Settings, register
from callplans.engine.call import CallView
from callplans.engine.checks import Problem
from callplans.engine.datasources import names_in
from callplans.engine.form import needed, options
from callplans.engine.masking import bullets, masking
from callplans.engine.words import Sound

Kind = Literal["text", "characters", "number", "money", "date", "time", "weekday", "file", "dynamic_file"]
Language = Literal[
    "", "en-GB", "en-US", "en-AU", "en-IE", "en-IN", "cy-GB", "da-DK", "de-DE", "es-ES", "fi-FI", "fr-FR", "it-IT",
    "nb-NO", "nl-NL", "pl-PL", "pt-BR", "pt-PT", "sv-SE",
]  # fmt: skip
CurrencyCode = Literal["GBP", "EUR", "USD", "AUD", "CAD", "NZD", "CHF", "INR", "ZAR", "JPY"]

_FROM_SOURCE = "kind=dynamic_file,characters,number,money,date,time,weekday"
_KINDS = {
    "file": "Audio file",
    "dynamic_file": "Dynamic audio file",
    "text": "Text to speech",
    "characters": "Characters",
    "date": "Date",
    "time": "Time",
    "number": "Numbers",
    "weekday": "Day of the week",
    "money": "Money",
}
_VOICES = {"": "The provider's choice"} | {str(n): f"Voice {n + 1}" for n in range(6)}
_LANGUAGES = {
    "": "The account's language", "en-GB": "English (United Kingdom)", "en-US": "English (United States)",
    "en-AU": "English (Australia)", "en-IE": "English (Ireland)", "en-IN": "English (India)", "cy-GB": "Welsh",
    "da-DK": "Danish", "de-DE": "German", "es-ES": "Spanish", "fi-FI": "Finnish", "fr-FR": "French",
    "it-IT": "Italian", "nb-NO": "Norwegian", "nl-NL": "Dutch", "pl-PL": "Polish",
    "pt-BR": "Portuguese (Brazil)", "pt-PT": "Portuguese (Portugal)", "sv-SE": "Swedish",
}  # fmt: skip
_UNREADABLE = {
    "characters": "as characters (1 to 255 of them)",
    "number": "as a number, such as 82.40",
    "money": "as an amount in this currency, such as 82.40",
    "date": "as a date, such as 2026-11-09",
    "time": "as a time, such as 14:30",
    "weekday": "as a date, such as 2026-11-09",
}


class AnnouncerSettings(Settings):
    kind: Kind = Field(
        "text",
        title="Announcement type",
        description="What is announced: a recording, a text, or the value of a data source, spoken as what it is.",
        json_schema_extra=options(_KINDS),
    )
    file: str = Field(
        "",
        title="Audio file",
        description="A .wav file of at most 10 MB, about 10 minutes.",
        max_length=1024,
        json_schema_extra={"x-when": "kind=file"},
    )
    source: str = Field(
        "",
        title="Data source",
        description="Holds the value to be spoken; for a dynamic audio file, the name of the file.",
        max_length=255,
        json_schema_extra={"x-source": "read", "x-when": _FROM_SOURCE},
    )
    text: str = Field(
        "",
        title="Text",
        description="Spoken to the caller, with the values of data sources in it. At most 1,500 characters.",
        max_length=1500,
        json_schema_extra={"x-placeholders": "sources", "x-widget": "multiline", "x-when": "kind=text"},
    )
    voice: Literal["", "0", "1", "2", "3", "4", "5"] = Field(
        "",
        title="Voice",
        description="Whose voice speaks. Providers number the voices of a language; what is not there is not missed.",
        json_schema_extra=options(_VOICES, x_when="kind=text"),
    )
    language: Language = Field(
        "",
        title="Language",
        description="The language the text is written in.",
        json_schema_extra=options(_LANGUAGES, x_when="kind=text"),
    )
    grammar: Literal["standard", "british"] = Field(
        "standard",
        title="Grammar",
        description="Standard: Monday nine November two thousand twenty. "
        "British English: Monday ninth of November two thousand and twenty.",
        json_schema_extra=options({"standard": "Standard", "british": "British English"}, x_when="kind=date,number"),
    )
    say_relative: bool = Field(
        False,
        title="Announce yesterday / today / tomorrow",
        description="Says these in place of the day's name when the date is so near.",
        json_schema_extra={"x-when": "kind=weekday"},
    )
    currency: CurrencyCode = Field(
        "GBP",
        title="Currency",
        description="82.40 in pounds sterling is said as “82 pounds 40”.",
        json_schema_extra=options(
            {code: f"{c.title} ({code})" for code, c in speech.CURRENCIES.items()}, x_when="kind=money"
        ),
    )
    barge_in: bool = Field(
        False, title="Enable barge-in", description="The caller may cut this announcement short by pressing a key."
    )

    @model_validator(mode="after")
    def _filled_in(self) -> AnnouncerSettings:
        needed(
            (
                ("file", self.kind == "file" and not self.file.strip()),
                ("source", self.kind not in ("file", "text") and not self.source.strip()),
            )
        )
        return self


@register.add
class Announcer(Applet[AnnouncerSettings]):
    """Speaks a value to the caller as what it is: an amount of money, a date, a number, single characters; or a text
    with values in it, or a recording. When there is no value, or it cannot be read as that, the call leaves by the
    failure exit and the caller hears nothing. What was collected securely is never spoken."""

    type, title, family = "announcer", "Announcer", "speak"
    Settings = AnnouncerSettings
    exits = (
        Exit("next", "Next applet", short="Next"),
        Exit("failure", "Next applet on failure", kind="failure", short="Failure"),
    )
    summary = (
        "[!kind or kind=text] “{text}”",
        "[kind=file] {file}",
        "[kind=dynamic_file] the file named by $({source})",
        "[kind=weekday] weekday of $({source})",
        "[kind=characters,date,time,number,money] {kind} of $({source})",
        "nothing to say yet",
    )

    def enter(self, call: CallView) -> Next:
        settings = self.settings
        if settings.kind == "file":
            call.say(Prompt(file=settings.file), settings.barge_in)
            return "next"
        if settings.kind == "text":
            return self._text(call)
        name, value = settings.source, call.get(settings.source)
        if call.is_sealed(name):
            return _fail(call, "sealed", f"$({name}) was collected securely: it is not spoken.")
        if value is None:
            return _fail(call, "no_value", f"$({name}) has no value to speak.")
        if settings.kind == "dynamic_file":
            file = call.plan.files.get(value.strip().lower())
            if file is None:
                return _fail(call, "file_not_found", f"There is no audio file of the name that $({name}) holds.")
            call.say(Prompt(file=file), settings.barge_in)
            return "next"
        words = self._words(call, value)
        if words is None:
            return _fail(call, "unreadable", f"$({name}) cannot be read {_UNREADABLE[settings.kind]}.")
        secret = masking() and (call.is_collected(name) or call.scrub(value) != value)
        call.say(
            Sound(
                text=words,
                language=self._language(call),
                barge_in=settings.barge_in,
                masked=bullets(len(value)) if secret else None,
            )
        )
        return "next"

    def _text(self, call: CallView) -> Next:
        settings = self.settings
        sealed = sorted(name for name in names_in(settings.text) if call.is_sealed(name))
        if sealed:
            return _fail(call, "sealed", f"$({sealed[0]}) was collected securely: it is not spoken.")
        sound = call.sound(settings.text, settings.barge_in)
        if sound is not None:
            sound.voice, sound.language = settings.voice or None, settings.language or sound.language
            call.say(sound)
        return "next"

    def _words(self, call: CallView, value: str) -> str | None:
        """The value as words; None when it cannot be read as the chosen type."""
        settings, zone, british = self.settings, call.plan.zone, self.settings.grammar == "british"
        match settings.kind:
            case "characters":
                return speech.say_characters(value)
            case "number":
                number = reading.as_number(value)
                return None if number is None else speech.say_number(number, british)
            case "money":
                return speech.say_money(value, settings.currency)
            case "time":
                time = reading.as_time(value, zone)
                return None if time is None else speech.say_time(time)
            case _:
                day = reading.as_date(value, zone)
                if day is None:
                    return None
                if settings.kind == "date":
                    return speech.say_date(day, british)
                return speech.say_weekday(day, reading.day_of(call.now, zone) if settings.say_relative else None)

    def _language(self, call: CallView) -> str:
        """Values are put into English words, so an English voice must say them."""
        if call.plan.language.lower().startswith("en"):
            return call.plan.language
        return "en-GB"

    def check(self) -> list[Problem]:
        if self.settings.kind == "text" and not self.settings.text.strip():
            return [Problem("silent", "warning", "There is no text: the caller hears nothing.", field="text")]
        return []


def _fail(call: CallView, code: str, words: str) -> Next:
    call.issue(code, words)
    return "failure"
