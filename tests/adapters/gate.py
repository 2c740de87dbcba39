"""The provider's own models of an NCCO, made strict: what passes here is an NCCO that its SDK would send."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import vonage_voice.models as package
from pydantic import BaseModel, ValidationError

_modules = [
    importlib.import_module(f"vonage_voice.models.{module.name}") for module in pkgutil.iter_modules(package.__path__)
]
_classes = [
    cls
    for module in _modules
    for cls in vars(module).values()
    if inspect.isclass(cls) and issubclass(cls, BaseModel) and cls is not BaseModel
]
for _cls in _classes:
    _cls.model_config = {**_cls.model_config, "extra": "forbid"}
for _ in range(2):
    for _cls in _classes:
        _cls.model_rebuild(force=True)

_ncco = importlib.import_module("vonage_voice.models.ncco")
ACTIONS: dict[str, type[BaseModel]] = {
    name: getattr(_ncco, name.capitalize())
    for name in ("record", "conversation", "connect", "talk", "stream", "input", "notify", "wait", "transfer")
}
RENAME = {"from": "from_", "content-type": "contentType"}  # only a serialisation alias exists for these


def _rename(value: Any) -> Any:
    if isinstance(value, list):
        return [_rename(item) for item in value]
    if isinstance(value, dict):
        return {
            RENAME.get(name, name): item if name in ("payload", "headers") else _rename(item)
            for name, item in value.items()
        }
    return value


def check_ncco(ncco: Any) -> list[str]:
    """What is wrong with it; empty when nothing is."""
    if not isinstance(ncco, list) or not ncco:
        return ["NCCO must be a non-empty array"]
    wrong: list[str] = []
    barge = False
    for number, action in enumerate(ncco):
        model = ACTIONS.get(action.get("action"))
        if model is None:
            wrong.append(f"[{number}] unknown action")
            continue
        try:
            back = model.model_validate(_rename(action)).model_dump(by_alias=True, exclude_unset=True, mode="json")
        except ValidationError as error:
            wrong += [f"[{number}].{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            continue
        except Exception as error:  # the models raise their own errors too
            wrong.append(f"[{number}] {error}")
            continue
        if back != action:
            wrong.append(f"[{number}] the SDK would send something else: {back}")
        if barge and action["action"] not in ("talk", "stream", "input"):
            wrong.append(f"[{number}] bargeIn must be followed by input")
        barge = (barge or bool(action.get("bargeIn"))) and action["action"] != "input"
        for name in ("eventUrl", "streamUrl"):
            if name in action and len(action[name]) != 1:
                wrong.append(f"[{number}].{name} must hold one address")
    return wrong + (["bargeIn without a later input"] if barge else [])
