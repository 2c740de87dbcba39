"""The Django app of the domain. At start it fills the registers of applets and adapters from their folders."""

import importlib
import pkgutil

from django.apps import AppConfig
from django.conf import settings

from callplans.engine.masking import set_masking


def load_folder(package: str) -> None:
    """Import every module of a package: each registers what it defines."""
    folder = importlib.import_module(package)
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{package}.{module.name}")


class CallPlansConfig(AppConfig):
    name = "callplans"
    verbose_name = "Call plans"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        set_masking(settings.MASKING)
        load_folder("callplans.applets")
        load_folder("callplans.adapters")
