"""Settings, read from the environment; a bad or missing value stops the process with one clear message."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, MultiFernet
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env

from visio_portal.logs import configure_structlog, level_named, logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

# --- What kind of installation this is --------------------------------------------------------------

MODES = ("production", "demonstration", "test")
MODE = env.str("VISIO_MODE", "production")
if MODE not in MODES:
    raise ImproperlyConfigured(f"VISIO_MODE must be one of {', '.join(MODES)}, not {MODE!r}.")
IS_PRODUCTION = MODE == "production"

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [] if IS_PRODUCTION else ["localhost", "127.0.0.1"])

if IS_PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production.")
if len(SECRET_KEY) < 50 or SECRET_KEY.startswith("django-insecure"):
    raise ImproperlyConfigured("SECRET_KEY must be set to a secret of at least 50 random characters.")
# Fernet keys of encrypted columns: the first one encrypts, all decrypt.
ENCRYPTION_KEYS: list[str] = env.list("ENCRYPTION_KEYS", [])
try:
    MultiFernet([Fernet(key) for key in ENCRYPTION_KEYS])
except ValueError as error:  # none, or a wrong one
    message = "ENCRYPTION_KEYS must list at least one key of 32 random bytes in URL-safe base64."
    raise ImproperlyConfigured(message) from error
if IS_PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must list the portal's host names, separated by commas.")

PORTAL_PUBLIC_URL = env.str("PORTAL_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
PORTAL_INTERNAL_URL = env.str("PORTAL_INTERNAL_URL", PORTAL_PUBLIC_URL).rstrip("/")
IS_HTTPS = PORTAL_PUBLIC_URL.startswith("https://")
if IS_PRODUCTION and not IS_HTTPS:
    raise ImproperlyConfigured("PORTAL_PUBLIC_URL must be an https:// address in production.")
CSRF_TRUSTED_ORIGINS = [PORTAL_PUBLIC_URL]

# --- Applications -----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "dsfr",  # before django.forms: its form templates stand in for Django's
    "django.forms",
    "channels",
    "django_celery_beat",
    "django_htmx",
    "django_structlog",
    "health_check",
    "csp",
    "widget_tweaks",
    "pgtrigger",
    "mozilla_django_oidc",
    "rest_framework",
    "drf_spectacular",
    "visio_portal",
    "apps.tenants",
    "apps.files",
    "apps.rooms",
    "apps.transcripts",
    "apps.licensing",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "visio_portal.log_requests.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "visio_portal.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.tenants.middleware.TenantMiddleware",
    "visio_portal.middleware.ConflictMiddleware",
]

ROOT_URLCONF = "visio_portal.urls"
WSGI_APPLICATION = "visio_portal.wsgi.application"
ASGI_APPLICATION = "visio_portal.asgi.application"

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "visio_portal.interface.interface",
            ],
        },
    }
]

# --- Data -------------------------------------------------------------------------------------------

DATABASES = {"default": env.dj_db_url("DATABASE_URL")}
_options = DATABASES["default"].setdefault("OPTIONS", {})
if pool_size := env.int("DATABASE_POOL_SIZE", 0):
    _options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
DATABASES["default"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
if not REDIS_URL.startswith(("redis://", "rediss://")):
    raise ImproperlyConfigured("REDIS_URL must be a redis:// or rediss:// address, for Valkey too.")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
# A consumer waits up to 5 s for a message, which redis-py's own default of 5 s would cut off as an error.
_layer_host = {"address": REDIS_URL, "socket_timeout": 20, "socket_connect_timeout": 5}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [_layer_host]}}}

# --- Jobs -------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("BROKER_URL", REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = "portal"
# What a person waits for, and watches, does not stand behind the work of a night (see broker.py).
CELERY_TASK_ROUTES = {
    "licensing.run_import": {"queue": "interactive"},
    "licensing.recompute_unit_days": {"queue": "interactive"},
    "rooms.make_conference": {"queue": "interactive"},
    "transcripts.ingest_result": {"queue": "interactive"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 15 * 60  # seconds; a task states a shorter one of its own
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5}
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "files.purge_uploads": {"task": "files.purge_uploads", "schedule": timedelta(hours=1)},
    "rooms.send_all_mails": {
        "task": "rooms.send_all_mails",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "rooms.read_all_mailboxes": {
        "task": "rooms.read_all_mailboxes",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "rooms.remind_all": {"task": "rooms.remind_all", "schedule": timedelta(minutes=5), "options": {"expires": 300}},
    "rooms.tend_all_conferences": {
        "task": "rooms.tend_all_conferences",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "rooms.read_all_calendars": {"task": "rooms.read_all_calendars", "schedule": timedelta(minutes=10)},
    "rooms.extend_all_series": {"task": "rooms.extend_all_series", "schedule": timedelta(days=1)},
    "rooms.release_all_poll_rooms": {"task": "rooms.release_all_poll_rooms", "schedule": timedelta(hours=1)},
    "rooms.purge_all_attendance": {"task": "rooms.purge_all_attendance", "schedule": timedelta(hours=6)},
    "transcripts.dispatch_waiting": {
        "task": "transcripts.dispatch_waiting",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 15},  # seconds: the next one does the same
    },
    "licensing.compute_all_unit_days": {
        "task": "licensing.compute_all_unit_days",
        "schedule": timedelta(hours=1),  # a day begins at its own hour for each tenant
    },
    "licensing.remind_all": {"task": "licensing.remind_all", "schedule": timedelta(hours=6)},
    "licensing.tend_all_imports": {
        "task": "licensing.tend_all_imports",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "licensing.purge_all_unconfirmed": {"task": "licensing.purge_all_unconfirmed", "schedule": timedelta(hours=1)},
    "portal.look_for_workers": {"task": "portal.look_for_workers", "schedule": timedelta(seconds=30)},
    "portal.look_for_workers_too": {  # where no worker takes the other one, or all are busy
        "task": "portal.look_for_workers",
        "schedule": timedelta(seconds=30),
        "options": {"queue": "interactive"},
    },
    "portal.compute_all_figures": {"task": "portal.compute_all_figures", "schedule": timedelta(hours=1)},
}

# --- Identity ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tenants.User"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "visio_portal.errors.csrf_failure"
LOGIN_URL = "identity:sign_in"
LOGIN_REDIRECT_URL = "home"

# ProConnect, or another provider that keeps to its ways; the base address ends in /api/v2 there.
AUTHENTICATION_BACKENDS = ["apps.tenants.identity.backend.ProConnectBackend"]
OIDC_OP_URL = env.str("OIDC_OP_URL").rstrip("/")
if IS_PRODUCTION and not OIDC_OP_URL.startswith("https://"):
    raise ImproperlyConfigured("OIDC_OP_URL must be an https:// address in production.")
OIDC_OP_ISSUER = env.str("OIDC_ISSUER", OIDC_OP_URL)
OIDC_OP_AUTHORIZATION_ENDPOINT = f"{OIDC_OP_URL}/authorize"
OIDC_OP_TOKEN_ENDPOINT = f"{OIDC_OP_URL}/token"
OIDC_OP_USER_ENDPOINT = f"{OIDC_OP_URL}/userinfo"
OIDC_OP_LOGOUT_ENDPOINT = f"{OIDC_OP_URL}/session/end"
OIDC_OP_JWKS_ENDPOINT = f"{OIDC_OP_URL}/jwks"
OIDC_OP_USER_ENDPOINT_FORMAT = "JWT"  # signed userinfo, whatever its content type says
OIDC_RP_CLIENT_ID = env.str("OIDC_RP_CLIENT_ID", "visio-portal")
OIDC_RP_CLIENT_SECRET = env.str("OIDC_RP_CLIENT_SECRET")
OIDC_RP_SIGN_ALGO = env.str("OIDC_RP_SIGN_ALGO", "RS256")
if OIDC_RP_SIGN_ALGO not in ("RS256", "ES256", "HS256"):
    raise ImproperlyConfigured("OIDC_RP_SIGN_ALGO must be RS256, ES256 or HS256.")
OIDC_RP_SCOPES = "openid given_name usual_name email uid siret idp_id"
OIDC_STATE_SIZE = OIDC_NONCE_SIZE = 64  # characters; ProConnect refuses fewer than 32
OIDC_TIMEOUT = 5  # seconds
OIDC_AUTHENTICATION_CALLBACK_URL = "identity:callback"
OIDC_FALLBACK_TO_EMAIL_FOR_IDENTIFICATION = False  # our backend does, where the provider may vouch for the domain

# --- Mail -------------------------------------------------------------------------------------------

# submission://user:password@host:587 (STARTTLS) or smtp://host:25; user and password percent-encoded
_mail = env.dj_email_url("EMAIL_URL", "smtp://127.0.0.1:25")
if not _mail.get("EMAIL_BACKEND") or not _mail["EMAIL_PORT"]:
    raise ImproperlyConfigured("EMAIL_URL must be an address such as submission://user:password@host:587.")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"] or "", _mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail["EMAIL_USE_TLS"], _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 20  # seconds
# Invitations of a ministry that has named no mailbox of its own come from here.
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "visio-portal@localhost")
DEMO_MAIL_URL = env.str("DEMO_MAIL_URL", "")  # where the demonstration shows what was sent
IMAP_HOSTS: list[str] = env.list("IMAP_HOSTS", [])  # that an administrator may name for a mailbox; empty: any

# --- Conferences ------------------------------------------------------------------------------------

VISIO_HOSTS: list[str] = env.list("VISIO_HOSTS", [])  # that an administrator may name as Visio; empty: any
# The demonstration's stand-in for Visio, and what its ministries' keys follow from.
DEMO_VISIO_URL, DEMO_VISIO_SECRET = env.str("DEMO_VISIO_URL", ""), env.str("DEMO_VISIO_SECRET", "")

# --- Safety -----------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^worker/v1/", r"^files/"]  # asked for inside the zone, on the internal address
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", IS_PRODUCTION) else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 9 * 1024 * 1024  # bytes: one 8 MiB part and its envelope
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # bytes: under ASGI every longer body waits for its view on the disk

# --- Stored files -----------------------------------------------------------------------------------

STORAGE_DIR = env.path("STORAGE_DIR", BASE_DIR / "var" / "files")
S3_BUCKET = env.str("S3_BUCKET", "")  # set: objects go to S3, otherwise to STORAGE_DIR
S3_ENDPOINT = env.str("S3_ENDPOINT", "")  # as browsers reach it
S3_INTERNAL_ENDPOINT = env.str("S3_INTERNAL_ENDPOINT", S3_ENDPOINT)  # as portal and workers reach it
S3_ACCESS_KEY = env.str("S3_ACCESS_KEY", "")
S3_SECRET_KEY = env.str("S3_SECRET_KEY", "")
S3_REGION = env.str("S3_REGION", "fr-par")
# Browsers are sent to S3 for sound, so the Content Security Policy names it.
STORAGE_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(S3_ENDPOINT))] if S3_BUCKET and S3_ENDPOINT else []

# --- Other people's addresses -----------------------------------------------------------------------

# Networks that are not public from which files may be fetched all the same, where an administrator names the host.
try:
    FETCH_NETWORKS = tuple(map(ip_network, env.list("FETCH_NETWORKS", [])))
except ValueError as error:
    raise ImproperlyConfigured("FETCH_NETWORKS must list networks such as 10.20.0.0/16, with commas.") from error

# --- Language, time, static files -------------------------------------------------------------------

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["visio_portal.formats"]
LANGUAGE_COOKIE_SECURE = IS_HTTPS
USE_TZ = True
TIME_ZONE = "Europe/Paris"

STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / "var" / "static")
# The DSFR comes with django-dsfr, in the version that its templates are written for; the rest from node_modules.
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS: list[Any] = [
    BASE_DIR / "static",
    ("vendor/htmx", NODE_MODULES / "htmx.org" / "dist"),
    ("vendor/dsfr-chart", NODE_MODULES / "@gouvfr" / "dsfr-chart" / "dist"),
    ("vendor/wavesurfer", NODE_MODULES / "wavesurfer.js" / "dist"),
]
# Production serves what collectstatic gathered, under names that change with the content; elsewhere the
# files are served from where they lie.
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
DSFR_MARK_OPTIONAL_FIELDS = True  # required is the rule, as the DSFR asks

# --- REST -------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["visio_portal.api.access.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["visio_portal.api.access.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["visio_portal.api.access.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": env.str("API_RATE", "600/min")},
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["visio_portal.api.parsing.BodyParser"],
    "DEFAULT_SCHEMA_CLASS": "visio_portal.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "visio_portal.api.errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Visio Portal",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # the values stand in the schema itself
    "ENUM_NAME_OVERRIDES": {
        "AmendmentKindEnum": "apps.licensing.models.Amendment.Kind",
        "AttendeeRoleEnum": "apps.rooms.models.Attendee.Role",
        "FigureKindEnum": "apps.licensing.dashboards.api.KINDS",
        "NoticeChoiceEnum": "apps.licensing.models.NoticeDecision.Choice",
        "PollChoiceEnum": "apps.rooms.models.PollAnswer.Choice",
        "ProductKindEnum": "apps.licensing.models.Product.Kind",
        "RoomKindEnum": "apps.rooms.models.Room.Kind",
        "PollStatusEnum": "apps.rooms.models.Poll.Status",
        "UsageImportStatusEnum": "apps.licensing.models.UsageImport.Status",
        "TranscriptStatusEnum": "apps.transcripts.models.Transcript.Status",
    },
}

# --- Logs -------------------------------------------------------------------------------------------

try:
    LOGGING = logging_settings(as_json=IS_PRODUCTION, level=level_named(env.str("LOG_LEVEL", "INFO")))
except ValueError as error:
    raise ImproperlyConfigured(str(error)) from error
configure_structlog()
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = 10  # DEBUG: the line at the end says it all
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = 20  # INFO: refusing is work as usual

# --- Content Security Policy ------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, *STORAGE_ORIGINS],
        "connect-src": [SELF, *STORAGE_ORIGINS],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
