"""WSGI entry point: HTTP pages in production."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visio_portal.settings")
application = get_wsgi_application()
