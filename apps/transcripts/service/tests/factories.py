"""The transcription service and its orders for tests."""

import factory

from apps.tenants.tests.factories import MembershipFactory, TenantFactory, TenantOwnedFactory
from apps.transcripts.models import ServiceJob, TranscriptionService


class ServiceFactory(TenantOwnedFactory[TranscriptionService]):
    class Meta:
        model = TranscriptionService

    tenant = factory.SubFactory(TenantFactory)
    hosts = ["127.0.0.1", "s3.example.gouv.fr"]
    callback_url = "https://visio.example.gouv.fr/hook/"
    callback_key = "key-of-visio"


class ServiceJobFactory(TenantOwnedFactory[ServiceJob]):
    class Meta:
        model = ServiceJob

    member = factory.SubFactory(MembershipFactory)
    tenant = factory.SelfAttribute("member.tenant")
    source_digest = factory.Sequence(lambda number: f"{number:064d}")
    source_url = "https://s3.example.gouv.fr/recordings/one.ogg?X-Amz-Signature=abc"
