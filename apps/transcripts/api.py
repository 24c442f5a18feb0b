"""REST: transcripts."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.rooms.models import Meeting
from apps.tenants.models import ApiToken
from apps.transcripts.models import Segment, Speaker, Transcript
from apps.transcripts.operations import TranscriptText, read_transcript, rename_speaker
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.paging import Pages


class TranscribedMeetingSerializer(serializers.ModelSerializer[Meeting]):
    class Meta:
        model = Meeting
        fields = ["id", "title"]
        read_only_fields = fields


class TranscriptSerializer(serializers.ModelSerializer[Transcript]):
    meeting = TranscribedMeetingSerializer(source="recording.meeting", read_only=True)
    duration_s = serializers.FloatField(source="recording.duration_s", read_only=True)

    class Meta:
        model = Transcript
        fields = ["id", "meeting", "status", "language", "version", "duration_s", "created_at"]
        read_only_fields = fields


class SpeakerSerializer(serializers.ModelSerializer[Speaker]):
    class Meta:
        model = Speaker
        fields = ["id", "label", "name", "origin", "confidence"]
        read_only_fields = fields


class SegmentSerializer(serializers.ModelSerializer[Segment]):
    """Times in seconds from the start of the recording; ``speaker`` is a label, null where nobody was found."""

    start = serializers.FloatField(source="start_s", read_only=True)
    end = serializers.FloatField(source="end_s", read_only=True)
    speaker = serializers.CharField(source="speaker.label", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Segment
        fields = ["start", "end", "speaker", "text"]
        read_only_fields = fields


class TranscriptTextSerializer(TranscriptSerializer):
    """A transcript with its voices and lines."""

    speakers = SpeakerSerializer(many=True, read_only=True)
    segments = SegmentSerializer(many=True, read_only=True)

    class Meta(TranscriptSerializer.Meta):
        fields = [*TranscriptSerializer.Meta.fields, "speakers", "segments"]
        read_only_fields = fields


class SpeakerNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=200, allow_blank=True, help_text=_("Who speaks; empty takes the name away"))
    version = serializers.IntegerField(
        min_value=0, max_value=2**31 - 1, help_text=_("The version that you read: 409 if there is a newer one")
    )


class TranscriptViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Transcript]):
    """Transcripts that the token's owner may read."""

    serializer_class = TranscriptSerializer
    lookup_url_kwarg = "transcript_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.TRANSCRIPTS_READ}

    class pagination_class(Pages):
        ordering = ("-created_at", "id")

    def get_queryset(self) -> QuerySet[Transcript]:
        return transcripts_for(self.request)

    @extend_schema(responses=TranscriptTextSerializer)
    def retrieve(self, request: Request, transcript_id: UUID) -> Response:
        """Read a transcript; the read is journalled."""
        transcript = self.get_object()
        text = read_transcript(membership=membership_of(request), transcript=transcript)
        return Response(body_of(transcript, text))


class SpeakerView(APIView):
    """One voice of a transcript."""

    scopes = {"PATCH": ApiToken.Scope.TRANSCRIPTS_WRITE}

    @extend_schema(
        operation_id="transcripts_speakers_partial_update",
        request=SpeakerNameSerializer,
        responses=TranscriptSerializer,
        tags=["transcripts"],
    )
    def patch(self, request: Request, transcript_id: UUID, speaker_id: UUID) -> Response:
        """Name a voice in all its lines, as its organisers or reviewer may until the text is approved."""
        transcript = get_object_or_404(transcripts_for(request), id=transcript_id)
        speaker = get_object_or_404(transcript.speakers, id=speaker_id)
        if not Transcript.objects.editable_by(membership_of(request)).filter(id=transcript.id).exists():
            raise exceptions.PermissionDenied(_("You may not correct this transcript."), "not_an_editor")
        serializer = SpeakerNameSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        rename_speaker(
            membership=membership_of(request),
            transcript=transcript,
            speaker=speaker,
            name=wanted["name"],
            expected_version=wanted["version"],
        )
        return Response(TranscriptSerializer(transcripts_for(request).get(id=transcript.id)).data)


def transcripts_for(request: Request) -> QuerySet[Transcript]:
    """Return the transcripts that the token's owner may read."""
    transcripts = Transcript.objects.filter(tenant=tenant_of(request)).visible_to(membership_of(request))
    return transcripts.select_related("recording__meeting")


def body_of(transcript: Transcript, text: TranscriptText) -> dict[str, Any]:
    """Return a transcript with its voices and lines."""
    return {
        **TranscriptSerializer(transcript).data,
        "speakers": SpeakerSerializer(text.speakers, many=True).data,
        "segments": SegmentSerializer(text.lines, many=True).data,
    }
