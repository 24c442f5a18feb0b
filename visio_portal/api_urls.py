"""REST, version 1: a ministry's token chooses the tenant."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from apps.licensing.contracts.api import ContractViewSet, NoticeListView, NoticeView, ProductViewSet
from apps.licensing.dashboards.api import DashboardView
from apps.licensing.editions.api import EditionListView, EditionView
from apps.licensing.imports.api import UsageImportViewSet
from apps.licensing.imports.upload_api import (
    NewUploadView,
    UploadCompletionView,
    UploadPartView,
    UploadStateView,
)
from apps.licensing.people.api import ReconciliationView
from apps.licensing.savings_pages.api import NetView, SavingsView
from apps.licensing.scenarios.api import ScenarioListView
from apps.tenants.permissions import enters_tenant_itself
from apps.transcripts.api import SpeakerView, TranscriptViewSet
from visio_portal.api import docs
from visio_portal.api.errors import UnknownAddressView

router = SimpleRouter(use_regex_path=False)
router.register("transcripts", TranscriptViewSet, basename="transcript")
router.register("usage-imports", UsageImportViewSet, basename="usage-import")
router.register("contracts", ContractViewSet, basename="contract")
router.register("products", ProductViewSet, basename="product")

app_name = "api"
urlpatterns = [
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.docs, name="docs"),
    path(
        "transcripts/<uuid:transcript_id>/speakers/<uuid:speaker_id>/", SpeakerView.as_view(), name="transcript-speaker"
    ),
    path("usage-imports/uploads/", enters_tenant_itself(NewUploadView.as_view()), name="usage-upload-new"),
    path(
        "usage-imports/uploads/<uuid:upload_id>/", enters_tenant_itself(UploadStateView.as_view()), name="usage-upload"
    ),
    path(
        "usage-imports/uploads/<uuid:upload_id>/parts/<int:number>/",
        enters_tenant_itself(UploadPartView.as_view()),
        name="usage-upload-part",
    ),
    path(
        "usage-imports/uploads/<uuid:upload_id>/complete/",
        enters_tenant_itself(UploadCompletionView.as_view()),
        name="usage-upload-complete",
    ),
    path("reconciliation/", ReconciliationView.as_view(), name="reconciliation"),
    path("savings/", SavingsView.as_view(), name="savings"),
    path("savings/net/", NetView.as_view(), name="net"),
    path("scenarios/", ScenarioListView.as_view(), name="scenarios"),
    path("dashboard/", DashboardView.as_view(), name="dashboard"),
    path("editions/", EditionListView.as_view(), name="editions"),
    path("editions/<int:number>/", EditionView.as_view(), name="edition"),
    path("notices/", NoticeListView.as_view(), name="notices"),
    path("contracts/<uuid:contract_id>/notices/<str:day>/", NoticeView.as_view(), name="notice"),
    path("", include("apps.rooms.api_urls")),
    path("", include(router.urls)),
    re_path("", UnknownAddressView.as_view(), name="unknown"),
]
