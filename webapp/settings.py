"""Django's settings. Each environment variable is read here, once, and nowhere else."""

from pathlib import Path
from typing import Any

from webapp.config import connection_urls
from webapp.config.env import (
    BadEnvironment,
    env_bool,
    env_bucket,
    env_float,
    env_int,
    env_list,
    env_path,
    env_secret,
    env_str,
)
from webapp.processes.services import Embedded, secret

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Folders and addresses ---

VAR_DIR = env_path("ESPALIER_VAR", BASE_DIR / "var")
LOG_DIR = VAR_DIR / "log"
ADDRESS_FILE = VAR_DIR / "address"  # of the studio that last started on this folder
FILES_DIR = env_path("ESPALIER_FILES", VAR_DIR / "files")  # content-addressed files
CACHE_DIR = VAR_DIR / "cache"  # local copies of files from an object store
SCRATCH_DIR = VAR_DIR / "scratch"  # files of running work
APP_DIR = BASE_DIR / "webapp" / "static" / "app"  # where Vite builds the pages

EMBEDDED = Embedded(VAR_DIR)
DATABASE_URL = env_secret("DATABASE_URL")
REDIS_URL = env_secret("REDIS_URL")
EMBEDDED_POSTGRES = not DATABASE_URL
EMBEDDED_VALKEY = not REDIS_URL
# Passwords in variables of their own need no percent-encoding.
DATABASE_URL = connection_urls.with_password("DATABASE", DATABASE_URL, env_secret("DATABASE_PASSWORD"))
REDIS_URL = connection_urls.with_password("REDIS", REDIS_URL, env_secret("REDIS_PASSWORD"))
DATABASE_URL = DATABASE_URL or EMBEDDED.database_url
REDIS_URL = REDIS_URL or EMBEDDED.redis_url

HOST = env_str("ESPALIER_HOST", "127.0.0.1")
PORT = env_int("ESPALIER_PORT", 8000, minimum=1, maximum=65535)
OWNER_EMAIL = env_str("ESPALIER_OWNER", "owner@localhost").lower()  # the first account

# --- Files ---

STORAGES: dict[str, dict[str, Any]] = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "artifacts": {"BACKEND": "webapp.files.storage.Folder"},  # FILES_DIR
}
if BUCKET := env_bucket("ESPALIER_STORAGE"):
    keys = {"access_key": env_secret("AWS_ACCESS_KEY_ID"), "secret_key": env_secret("AWS_SECRET_ACCESS_KEY")}
    if len(set(map(bool, keys.values()))) > 1:
        raise BadEnvironment("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: set both, or none.")
    # Without keys, the machine's own credentials are used (an instance's role, ~/.aws).
    STORAGES["artifacts"] = {
        "BACKEND": "webapp.files.object_store.Bucket",
        "OPTIONS": {**BUCKET, **{name: key for name, key in keys.items() if key}},
    }
CACHE_BYTES = env_int("ESPALIER_CACHE_BYTES", 10_000_000_000, minimum=0)  # of CACHE_DIR; copies in use are kept
UNUSED_SECONDS = env_float("ESPALIER_UNUSED_SECONDS", 86_400.0, minimum=60.0)  # then an unused file is deleted
FILES_SWEEP_SECONDS = env_float("ESPALIER_FILES_SWEEP_SECONDS", 3_600.0, minimum=0.1)
CHECKPOINT_SECONDS = env_float("ESPALIER_CHECKPOINT_SECONDS", 30.0, minimum=0.0)  # between two in the file store

# --- Uploads ---

UPLOAD_BYTES = env_int("ESPALIER_UPLOAD_BYTES", 2_000_000_000, minimum=1)  # of one file
PART_BYTES = env_int("ESPALIER_PART_BYTES", 4 << 20, minimum=1 << 16, maximum=64 << 20)  # of one part of a file
TEAM_BYTES = env_int("ESPALIER_TEAM_BYTES", 20_000_000_000, minimum=1)  # of a team's datasets and uploads together
ABANDONED_SECONDS = env_float("ESPALIER_ABANDONED_SECONDS", 86_400.0, minimum=60.0)  # of unfinished uploads
# Limits on reading one upload; see search/runtime/ingest/limits.py
INGEST_SECONDS = env_float("ESPALIER_INGEST_SECONDS", 1_800.0, minimum=1.0)
INGEST_MEMORY = env_int("ESPALIER_INGEST_MEMORY", 1_500_000_000, minimum=500_000_000)
INGEST_UNPACKED = env_int("ESPALIER_INGEST_UNPACKED", 8_000_000_000, minimum=1)
INGEST_DECODED = env_int("ESPALIER_INGEST_DECODED", 2_000_000_000, minimum=1)
INGEST_FILES = env_int("ESPALIER_INGEST_FILES", 200_000, minimum=1)
INGEST_PIXELS = env_int("ESPALIER_INGEST_PIXELS", 50_000_000, minimum=64)
INGEST_RATIO = env_int("ESPALIER_INGEST_RATIO", 200, minimum=2)

# --- Work ---

LEASE_SECONDS = env_float("ESPALIER_LEASE_SECONDS", 30.0, minimum=0.5)
RENEW_SECONDS = env_float("ESPALIER_RENEW_SECONDS", 3.0, minimum=0.1, maximum=LEASE_SECONDS / 2)
SWEEP_SECONDS = env_float("ESPALIER_SWEEP_SECONDS", 10.0, minimum=0.1)
WORKER_DEVICE = env_str("ESPALIER_DEVICE", "cpu", choices=("cpu", "cuda"))
WORKER_THREADS = env_int("ESPALIER_THREADS", 1, minimum=1)  # results repeat byte for byte with one thread only

CELERY_BROKER_URL, _broker_options, CELERY_BROKER_USE_SSL = connection_urls.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # no limit: a worker waits for its broker
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "max_retries": 1,  # of a publisher; the sweep repeats a lost wake-up
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
    **_broker_options,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True  # Postgres keeps outcomes; there is no result backend
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_DEFAULT_QUEUE = "advance"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_WORKER_POOL = "solo"
CELERY_DB_REUSE_MAX = 10**9  # tasks reuse connections; webapp/tasks.py closes broken ones
CELERY_WORKER_CONCURRENCY = 1
# No limit: a worker with one process fetches a message only when it is idle anyway. With a limit, a message whose
# acknowledgement was lost with the broker would count against it for good, and the worker would fetch no other.
CELERY_WORKER_PREFETCH_MULTIPLIER = 0
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # running work is controlled through its lease
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_ENABLE_UTC = True

# --- Django ---

DEBUG = env_bool("ESPALIER_DEBUG", False)
SECRET_KEY = env_secret("ESPALIER_SECRET_KEY") or secret(VAR_DIR / "secrets" / "django")
ALLOWED_HOSTS = [*env_list("ESPALIER_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env_list("ESPALIER_ORIGINS")

INSTALLED_APPS = [
    "webapp.apps.WebappConfig",  # first, so that its templates take precedence over those of the packages
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "webapp.http.static_files.Assets",
    "webapp.http.compression.CompressedJson",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "webapp.urls"
ASGI_APPLICATION = "webapp.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.accounts.sign_in.where",
            ]
        },
    }
]

DATABASES = {"default": connection_urls.database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CHANNEL_LAYERS = {
    # Pokes may be lost. This layer subscribes again after the server was away.
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}},
}

CACHES = {
    # For rate limits alone; pages and data are not cached. Short timeouts, in seconds: requests wait for it.
    "default": {
        "BACKEND": "webapp.http.fail_open_cache.FailOpenCache",
        "LOCATION": [REDIS_URL],  # a list, for django-redis splits a string at its commas
        "KEY_PREFIX": "espalier",
        "OPTIONS": {"SOCKET_TIMEOUT": 1, "SOCKET_CONNECT_TIMEOUT": 1, "IGNORE_EXCEPTIONS": True},
    },
}

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Sign-in and security ---

AUTH_USER_MODEL = "webapp.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ACCOUNT_ADAPTER = "webapp.accounts.sign_in.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
SIGN_INS_PER_MINUTE = env_int("ESPALIER_SIGN_INS_PER_MINUTE", 30, minimum=0)  # from one IP address; 0: no limit
ACCOUNT_RATE_LIMITS = (
    {"login": f"{SIGN_INS_PER_MINUTE}/m/ip", "login_failed": f"{SIGN_INS_PER_MINUTE // 3 or 1}/m/ip,5/5m/key"}
    if SIGN_INS_PER_MINUTE
    else False
)
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

HTTPS = env_bool("ESPALIER_HTTPS", False)  # served through a proxy that terminates TLS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = False  # the pages send it back as X-CSRFToken
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # requested internally, without the proxy
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # HSTS preload is for the owner of the domain to decide
PROXIES = env_list("ESPALIER_PROXIES", ["127.0.0.1"])  # whose X-Forwarded-For is trusted
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "connect-src": ["'self'", "ws:", "wss:"],  # some browsers do not count sockets as 'self'
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- The API ---

BODY_BYTES = env_int("ESPALIER_BODY_BYTES", 1_000_000, minimum=10_000)  # of a request, except a part of an upload
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_BYTES
WRITES_PER_MINUTE = env_int("ESPALIER_WRITES_PER_MINUTE", 300, minimum=0)  # by one person; 0: no limit
PARTS_PER_MINUTE = env_int("ESPALIER_PARTS_PER_MINUTE", 3_000, minimum=0)
WHAT_IF_PER_MINUTE = env_int("ESPALIER_WHAT_IF_PER_MINUTE", 3_000, minimum=0)  # previews of costs
AGENT_PER_MINUTE = env_int("ESPALIER_AGENT_PER_MINUTE", 600, minimum=0)  # by one device

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["webapp.api.auth.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["webapp.api.throttles.WriteThrottle"],
    "DEFAULT_PAGINATION_CLASS": "webapp.api.pagination.Pagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "webapp.api.errors.Handler",
    "EXCEPTION_FORMATTER_CLASS": "webapp.api.errors.Formatter",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Espalier",
    "DESCRIPTION": "Grow and prune small neural networks. Sign in with a session, and send X-CSRFToken with requests "
    "that change data.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_AUTHENTICATION": ["webapp.api.auth.Session"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "SearchStatus": "webapp.models.enums.SearchStatus",
        "CandidateStatus": "webapp.api.candidates.STATUSES",
        "Phase": "webapp.api.candidates.PHASES",
        "CommandStatus": "webapp.models.enums.CommandStatus",
        "ModelStatus": "webapp.models.enums.ModelStatus",
        "CommandKind": "webapp.models.enums.CommandKind",
        "ModelCommandKind": "webapp.api.models.ACTIONS",
        "ModelExportStatus": "webapp.catalog.training.EXPORT_STATUSES",
        "ArchitectureKind": "webapp.models.enums.ArchitectureKind",
        "FileFormat": "webapp.models.enums.FileFormat",
        "EntryFamily": "webapp.api.entries.NAMES",
        "UploadStatus": "webapp.models.enums.UploadStatus",
        "MeasurementStatus": "webapp.models.enums.MeasurementStatus",
        "DataKind": "webapp.api.engine.KINDS",
        "Metric": "webapp.api.vocabulary.METRICS",
        "QualityMetric": "webapp.api.vocabulary.QUALITY_METRICS",
        "ProbeStatus": "webapp.api.previews.PROBE_STATUSES",
        "Tokens": "webapp.api.uploads.TOKENS",
    },
}

# --- Static files ---

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/app/assets/.+-[\w-]{8}\.\w+$"  # names with a hash, by Vite

# --- Logs ---

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"subject": {"()": "webapp.config.logs.SubjectFilter"}},
    "formatters": {
        "line": {"()": "webapp.config.logs.LineFormatter"},
        "json": {"()": "webapp.config.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": env_str("ESPALIER_LOG", "line", choices=("line", "json")),
            "filters": ["subject"],
        }
    },
    "root": {"handlers": ["stderr"], "level": env_str("ESPALIER_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
