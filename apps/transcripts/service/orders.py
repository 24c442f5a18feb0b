"""What Visio asks for: one recording to transcribe, read from its request's body."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.transcripts.media import MAX_DURATION_S
from visio_portal.fetching import URL_MAX

# Visio's names of rooms, as they stand in the titles and addresses that it makes: abc-defg-hij
SLUG = re.compile(r"(?<![a-z])[a-z]{3}-[a-z]{4}-[a-z]{3}(?![a-z])")
LANGUAGE = re.compile(r"[a-z]{2}")
TITLE_MAX = 200
# What signs an address for a while (S3, Google, Azure), and so differs each time.
SIGNATURE = re.compile(
    r"x-amz-.*|x-goog-.*|awsaccesskeyid|googleaccessid|signature|expires|s[egiprtv]|sig|spr|srt|skoid|sktid|skt|ske|sks|skv",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Order:
    """A recording to transcribe: whose, where it lies, and what Visio knows of it."""

    user_email: str
    user_sub: str
    source_url: str
    language: str  # ISO 639-1; empty: to be found
    title: str
    conference_slug: str
    metadata_url: str
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def source_digest(self) -> str:
        """The SHA-256 of the recording's address without what signs it: the same recording, however often signed."""
        parts = urlsplit(self.source_url)
        named = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not SIGNATURE.fullmatch(pair[0])]
        plain = urlunsplit((parts.scheme, parts.netloc.lower(), parts.path, urlencode(sorted(named)), ""))
        return hashlib.sha256(plain.encode()).hexdigest()


class MetadataSerializer(serializers.Serializer[Any]):
    cloud_storage_url = serializers.CharField(max_length=URL_MAX)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        length_s = (attrs["ended_at"] - attrs["started_at"]).total_seconds()
        if not 0 < length_s <= 2 * MAX_DURATION_S:
            raise serializers.ValidationError(_("The recording must end after its start, and within a day."))
        return attrs


class DocumentSerializer(serializers.Serializer[Any]):
    """What Visio would have its own service write to Docs; the portal takes the title alone."""

    title = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=1000)
    download_link = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=URL_MAX)


class OrderSerializer(serializers.Serializer[Any]):
    """The body of ``POST /api/v2/async-jobs/transcribe``; fields that are not known here are left aside."""

    user_sub = serializers.CharField(max_length=255)
    user_email = serializers.EmailField(required=False, allow_null=True)
    cloud_storage_url = serializers.CharField(max_length=URL_MAX)
    language = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=16)
    metadata = MetadataSerializer(required=False, allow_null=True)
    push_to_docs_config = DocumentSerializer(required=False, allow_null=True)

    def validate_language(self, value: str | None) -> str:
        """Return the code; "auto" and nothing let it be found."""
        language = (value or "").lower()
        if language in ("", "auto"):
            return ""
        if not LANGUAGE.fullmatch(language):
            raise serializers.ValidationError(_("Expected a language of two letters (ISO 639-1)."))
        return language

    def order(self) -> Order:
        """Return what a valid body asks for."""
        body = self.validated_data
        metadata, document = body.get("metadata") or {}, body.get("push_to_docs_config") or {}
        title = " ".join((document.get("title") or "").split())
        found = SLUG.search(f"{title} {document.get('download_link') or ''}")
        return Order(
            user_email=(body.get("user_email") or "").lower(),
            user_sub=body["user_sub"],
            source_url=body["cloud_storage_url"],
            language=body.get("language", ""),
            title=title[:TITLE_MAX],
            conference_slug=found[0] if found else "",
            metadata_url=metadata.get("cloud_storage_url", ""),
            started_at=metadata.get("started_at"),
            ended_at=metadata.get("ended_at"),
        )
