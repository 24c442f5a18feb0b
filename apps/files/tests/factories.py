"""Bodies, and files that really lie in the store."""

import base64
import hashlib
import io
import random
from uuid import UUID

import factory
from django.utils import timezone

from apps.files import operations
from apps.files.models import PART_SIZE_BYTES, Purpose, StoredFile, Upload, UploadPart
from apps.files.objects import new_key
from apps.tenants.tests.factories import TenantFactory, TenantOwnedFactory


def body_of(size_bytes: int, seed: int = 1) -> bytes:
    """Return invented bytes, the same at each run."""
    return random.Random(seed).randbytes(size_bytes)


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def content_digest(content: bytes) -> str:
    """Return the Content-Digest header of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def stored_file(tenant_id: UUID, content: bytes, media_type: str = "audio/webm") -> StoredFile:
    """Return a file whose bytes lie in the store."""
    return operations.store_file(
        tenant_id=tenant_id,
        purpose=Purpose.RECORDING,
        name="Réunion d’équipe.webm",
        media_type=media_type,
        body=io.BytesIO(content),
    )


class UploadFactory(TenantOwnedFactory[Upload]):
    """A row alone: the store knows nothing of it. Part 1 has been received."""

    class Meta:
        model = Upload

    tenant = factory.SubFactory(TenantFactory)
    purpose = Purpose.RECORDING
    name = "reunion.webm"
    media_type = "audio/webm"
    size_bytes = 9_000_000
    key = factory.LazyAttribute(lambda upload: new_key(upload.tenant.id, upload.purpose))
    expires_at = factory.LazyFunction(lambda: timezone.now() + operations.UPLOAD_LIFETIME)

    @classmethod
    def complete(cls, row: Upload) -> None:
        UploadPart.objects.create(tenant=row.tenant, upload=row, number=1, size_bytes=PART_SIZE_BYTES, sha256="0" * 64)
