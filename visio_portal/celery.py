"""The portal's Celery application (queues "portal" and "interactive")."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visio_portal.settings")

app = Celery("visio_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
