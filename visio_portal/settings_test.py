"""The settings of tests and type checks: the real ones, with invented secrets and addresses."""

import os

os.environ.setdefault("VISIO_MODE", "test")
os.environ.setdefault("SECRET_KEY", "invented-for-tests-" * 4)
os.environ.setdefault("ENCRYPTION_KEYS", "aW52ZW50ZWQtZm9yLXRlc3RzLTMyLWJ5dGVzLWxvbmc=")
os.environ.setdefault("DATABASE_URL", "postgres://visio_owner@127.0.0.1/visio_portal")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
os.environ.setdefault("OIDC_OP_URL", "http://127.0.0.1:9400/api/v2")
os.environ.setdefault("OIDC_RP_CLIENT_SECRET", "invented-client-secret-of-tests")

from visio_portal.settings import *  # noqa: F403
from visio_portal.tests.undefined import UndefinedVariable

WHITENOISE_AUTOREFRESH = True  # otherwise each new test client walks through every static file
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable("%s")  # noqa: F405
