"""Stored objects and the resumable uploads that make them."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.tenants.models import TenantOwned
from apps.tenants.rls import TenantForeignKey

PART_SIZE_BYTES = 8 * 1024 * 1024


class Purpose(models.TextChoices):
    """What an object is for; it stands in its key."""

    RECORDING = "recording", _("recording")
    IMPORT = "import", _("import")
    RESULT = "result", _("result of a transcription")
    PARTIAL = "partial", _("partial result of a transcription")
    EXPORT = "export", _("export")
    DOCUMENT = "document", _("document")


class StoredFile(TenantOwned):
    """One immutable object in the store; its key carries the tenant."""

    key = models.CharField(max_length=200)
    name = models.CharField(_("file name"), max_length=255)
    media_type = models.CharField(max_length=127)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)  # hexadecimal; of the whole
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="stored_file_key_once")]

    def __str__(self) -> str:
        return self.name


class UploadQuerySet(models.QuerySet["Upload"]):
    def open(self) -> Self:
        return self.filter(status=Upload.Status.OPEN, expires_at__gt=timezone.now())

    def expired(self) -> Self:
        return self.filter(expires_at__lte=timezone.now())


class Upload(TenantOwned):
    """A large body on its way in, part by part; it can be resumed until it expires.

    Every part but the last has PART_SIZE_BYTES. The row goes when it is given up, or when somebody takes the
    stored file into use: so what expires here, complete or not, belongs to nobody and is removed.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("receiving")
        COMPLETE = "complete", _("complete")

    # Who may send parts: the uploader's opaque id, or none for a worker with signed links.
    user_id = models.UUIDField(null=True)
    purpose = models.CharField(max_length=16, choices=Purpose)
    name = models.CharField(_("file name"), max_length=255)
    media_type = models.CharField(max_length=127, blank=True)
    size_bytes = models.PositiveBigIntegerField(null=True)  # announced; unknown for a worker's result
    key = models.CharField(max_length=200)
    multipart_id = models.CharField(max_length=255, blank=True)  # S3's upload id
    status = models.CharField(max_length=16, choices=Status, default=Status.OPEN)
    stored_file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="uploads")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()  # moves on with each part of a person's upload

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["tenant", "expires_at"], name="upload_expiry")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="upload_key_once"),
            models.CheckConstraint(
                condition=Q(status="complete", stored_file__isnull=False) | Q(status="open", stored_file__isnull=True),
                name="upload_complete_has_file",
            ),
            models.CheckConstraint(condition=Q(size_bytes=None) | Q(size_bytes__gte=1), name="upload_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def part_count(self) -> int | None:
        """How many parts the announced size makes; None where no size was announced."""
        return None if self.size_bytes is None else -(-self.size_bytes // PART_SIZE_BYTES)

    def part_size_bytes(self, number: int) -> int | None:
        """Return the exact size of a part, counted from 1; None where the announced size has no such part."""
        if self.size_bytes is None or self.part_count is None or not 1 <= number <= self.part_count:
            return None
        return self.size_bytes - (number - 1) * PART_SIZE_BYTES if number == self.part_count else PART_SIZE_BYTES


class UploadPart(TenantOwned):
    """One received part (at most PART_SIZE_BYTES) and its digest."""

    upload = TenantForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()  # from 1
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "upload", "number"], name="upload_part_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="upload_part_number"),
        ]

    def __str__(self) -> str:
        return str(self.number)


class DiscardedObject(TenantOwned):
    """An object whose row is gone and whose bytes must go: kept until the store has deleted them."""

    key = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="discarded_object_once")]

    def __str__(self) -> str:
        return self.key
