"""Settings, all by environment variable; the defaults are the embedded install that `make run` starts.

Embedded: SQLite, one process, no services. Production: set DATABASE_URL, REDIS_URL, SECRET_KEY, ENCRYPTION_KEYS,
PUBLIC_BASE_URL and ALLOWED_HOSTS; then EMBEDDED is off.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool) -> bool:
    value = env(name).lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if value == "" else value in ("1", "true", "yes", "on")
    raise ImproperlyConfigured(f"{name} is {value!r}: write 1 or 0.")


def whole(name: str, default: int, least: int = 1, most: int = 1_000_000) -> int:
    text = env(name, str(default)) or str(default)
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise ImproperlyConfigured(f"{name} is {text!r}: write a whole number from {least} to {most}.")
    return int(text)


DATABASE_URL = env("DATABASE_URL")
REDIS_URL = env("REDIS_URL")
EMBEDDED = flag("EMBEDDED", not (DATABASE_URL or REDIS_URL))
VAR_DIR = Path(env("VAR_DIR") or BASE_DIR / "var")
try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as trouble:
    raise ImproperlyConfigured(f"VAR_DIR is {VAR_DIR}, which cannot be made ({trouble.strerror}).") from trouble
if not os.access(VAR_DIR, os.W_OK | os.X_OK):
    raise ImproperlyConfigured(f"VAR_DIR is {VAR_DIR}, where nothing can be written: choose another folder.")
DEBUG = flag("DEBUG", False)


def kept(name: str, make: Any) -> str:
    """A generated key of the embedded install, kept in var/ readable by the owner only."""
    path = VAR_DIR / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = path.with_suffix(f".{os.getpid()}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(make())
        try:
            os.link(new, path)  # two processes starting at once agree on one key
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return path.read_text().strip()


def needed(name: str, what: str) -> str:
    value = env(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {what}")
    return value


SECRET_KEY = env("SECRET_KEY") or (
    kept("secret_key", lambda: secrets.token_urlsafe(48))
    if EMBEDDED
    else needed("SECRET_KEY", "a long random text that signs sessions and hook tokens.")
)
_keys = env("ENCRYPTION_KEYS") or (
    kept("encryption_key", lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    if EMBEDDED
    else needed("ENCRYPTION_KEYS", "one or more base64 keys of 32 bytes, separated by commas; the first one encrypts.")
)
ENCRYPTION_KEYS = [key.strip() for key in _keys.split(",") if key.strip()]
for _number, _key in enumerate(ENCRYPTION_KEYS, 1):
    try:
        _good = len(base64.b64decode(_key, validate=True)) == 32
    except ValueError:
        _good = False
    if not _good:
        raise ImproperlyConfigured(f"ENCRYPTION_KEYS: key {_number} is not 32 bytes in base64.")

PORT = whole("PORT", 8000, most=65_535)
PUBLIC_BASE_URL = (
    env("PUBLIC_BASE_URL")
    or (f"http://127.0.0.1:{PORT}" if EMBEDDED else needed("PUBLIC_BASE_URL", "the address providers reach us at."))
).rstrip("/")
ALLOWED_HOSTS = [host for host in env("ALLOWED_HOSTS").split(",") if host] or (
    ["127.0.0.1", "localhost", "[::1]", "testserver"] if EMBEDDED else [urlsplit(PUBLIC_BASE_URL).hostname or ""]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]

# ---- the product ----------------------------------------------------------------------------------------------------

TURN_EXECUTION = env("TURN_EXECUTION", "celery")
if TURN_EXECUTION not in ("celery", "inline"):
    raise ImproperlyConfigured(f"TURN_EXECUTION is {TURN_EXECUTION!r}: write celery or inline.")
RESCUE = flag("RESCUE", True)  # a waiting web process takes turns and effects nobody took; off only in tests
MASKING = flag("MASKING", True)  # off only to prove that the search for card numbers can find one
if not MASKING and not EMBEDDED and not flag("TESTING", False):
    raise ImproperlyConfigured(
        "MASKING=0 writes card numbers to the record: it is refused outside the embedded install."
    )

# The pretend billing service and payment system. On only in the embedded install, or by setting it.
SANDBOX = flag("SANDBOX", EMBEDDED)
SANDBOX_ADDRESS = env("SANDBOX_ADDRESS") or f"http://127.0.0.1:{PORT}"
SANDBOX_HOSTS = ("billing.sandbox", "pay.sandbox")


def allowed_hosts_out(text: str) -> dict[str, str]:
    """OUTGOING_ALLOW="host=http://10.0.0.5:8080,other:8443": names web services may have on private addresses."""
    allowed: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, _, address = part.partition("=")
        allowed[name.lower()] = address
    return allowed


OUTGOING_ALLOW = allowed_hosts_out(env("OUTGOING_ALLOW"))
if SANDBOX:
    OUTGOING_ALLOW |= dict.fromkeys(SANDBOX_HOSTS, SANDBOX_ADDRESS)
    ALLOWED_HOSTS += list(SANDBOX_HOSTS)

RETENTION_TURNS_HOURS = whole("RETENTION_TURNS_HOURS", 24)
RETENTION_EVENTS_DAYS = whole("RETENTION_EVENTS_DAYS", 90)

# ---- Django ---------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "callplans",
    "designer",
]
MIDDLEWARE = [
    "designer.sandbox.middleware.SandboxHosts",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "designer.urls"
ASGI_APPLICATION = "designer.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "designer" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


def database(url: str) -> dict[str, Any]:
    """postgresql://user:password@host:port/name?option=value as Django wants it; a PostgreSQL socket: host empty."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://; leave it unset for SQLite.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "pool": {"min_size": 2, "max_size": whole("DATABASE_POOL", 10, least=2), "timeout": 3},
            "options": "-c lock_timeout=2000 -c statement_timeout=15000",
            **dict(parse_qsl(parts.query)),
        },
    }


DATABASES: dict[str, dict[str, Any]]
if DATABASE_URL:
    DATABASES = {"default": database(DATABASE_URL)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "callplans.sqlite3",
            "OPTIONS": {
                "timeout": 5,
                "transaction_mode": "IMMEDIATE",
                # FULL: a claim undone by a power cut would send a payment twice.
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=ON;",
            },
        }
    }

if REDIS_URL:
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

CELERY_BROKER_URL = env("BROKER_URL") or REDIS_URL or "memory://localhost"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CSRF_FAILURE_VIEW = "designer.pages.csrf_failed"
LOGIN_URL = "/signin"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE = PUBLIC_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
if SECURE:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "designer.api.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Call plans",
    "DESCRIPTION": "Draw call plans, publish them, and watch calls move through them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],  # choices stay where they are used: the hook would name them by a hash
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [path for path in (BASE_DIR / "designer" / "static",) if path.exists()]
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_IMMUTABLE_FILE_TEST = r"^/static/canvas/assets/"  # Vite names them by their content
SERVESTATIC_AUTOREFRESH = EMBEDDED  # a canvas built while the server runs is served without a restart
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "designer.logs.MaskFilter"}},
    "formatters": {"plain": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["mask"]}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "WARNING")},
    "loggers": {
        "callplans": {"level": env("LOG_LEVEL", "INFO")},
        "designer": {"level": env("LOG_LEVEL", "INFO")},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
        # Its own handlers know no mask: what it says goes through ours, whoever started it.
        "uvicorn": {"level": env("LOG_LEVEL", "WARNING" if EMBEDDED else "INFO"), "handlers": [], "propagate": True},
        "uvicorn.access": {"level": "WARNING"},
    },
}
