"""The object store that the settings choose: a folder, or S3."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from apps.files.folder import FolderStore
from apps.files.objects import ObjectStore


@lru_cache(maxsize=1)
def object_store() -> ObjectStore:
    """Return this process' store."""
    if not settings.S3_BUCKET:
        return FolderStore(
            Path(settings.STORAGE_DIR),
            public_url=settings.PORTAL_PUBLIC_URL,
            internal_url=settings.PORTAL_INTERNAL_URL,
        )
    store: ObjectStore = import_string("apps.files.s3.S3Store")(  # boto3 is loaded where it is used
        bucket=settings.S3_BUCKET,
        endpoint=settings.S3_ENDPOINT,
        internal_endpoint=settings.S3_INTERNAL_ENDPOINT,
        access_key=settings.S3_ACCESS_KEY,
        secret_key=settings.S3_SECRET_KEY,
        region=settings.S3_REGION,
    )
    return store
