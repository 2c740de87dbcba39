"""What the engine raises. Never for what a caller or an author can cause: that becomes events of a step."""

from __future__ import annotations


class EngineError(Exception):
    """Base of the engine's own errors: something outside used it wrongly."""


class BadState(EngineError):
    """A stored state of a call cannot be read: not written by `CallState.to_json`."""


class BadStory(EngineError):
    """A story does not fit its plan: it gives an input that the plan does not wait for, or lacks an answer."""
