"""Stored objects and the resumable uploads that make them."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import TenantOwned
from apps.tenants.rls import TenantForeignKey

PART_SIZE_BYTES = 8 * 1024 * 1024


class StoredFile(TenantOwned):
    """One immutable object in the store; its key carries the tenant."""

    key = models.CharField(max_length=200)
    name = models.CharField(_("file name"), max_length=255)
    media_type = models.CharField(max_length=127)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)  # hexadecimal; of the whole, where it was computed
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="stored_file_key_once")]

    def __str__(self) -> str:
        return self.name


class UploadQuerySet(models.QuerySet["Upload"]):
    def open(self) -> Self:
        return self.filter(status=Upload.Status.OPEN, expires_at__gt=timezone.now())


class Upload(TenantOwned):
    """A large body on its way in, part by part; it can be resumed until it expires."""

    class Status(models.TextChoices):
        OPEN = "open", _("receiving")
        COMPLETE = "complete", _("complete")
        ABORTED = "aborted", _("given up")

    # Who may send parts: the uploader's opaque id, or none for a worker with a signed link.
    user_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=32)  # recording, result, import …
    name = models.CharField(_("file name"), max_length=255)
    media_type = models.CharField(max_length=127, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True)  # announced; unknown for a worker's result
    key = models.CharField(max_length=200)
    multipart_id = models.CharField(max_length=255, blank=True)  # S3's upload id
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    stored_file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="uploads")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="upload_key_once"),
            models.CheckConstraint(
                condition=~Q(status="complete") | Q(stored_file__isnull=False),
                name="upload_complete_has_file",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UploadPart(TenantOwned):
    """One received part (at most PART_SIZE_BYTES) and its digest."""

    upload = TenantForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()  # from 1
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    etag = models.CharField(max_length=255, blank=True)  # S3's name for the part

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "upload", "number"], name="upload_part_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="upload_part_number"),
        ]

    def __str__(self) -> str:
        return str(self.number)
