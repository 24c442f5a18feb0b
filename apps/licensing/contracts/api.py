"""REST: contracts, their lines and amendments, notice dates with what is decided for each, and the products."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.licensing.contracts import notice_operations, operations
from apps.licensing.contracts.api_bodies import (
    LINE_FIELDS,
    AmendmentBody,
    AmendmentSerializer,
    ContractBody,
    ContractLineSerializer,
    ContractSerializer,
    DecisionBody,
    LetterBody,
    LineBody,
    NewContractBody,
    NoticeSerializer,
    ProductSerializer,
)
from apps.licensing.contracts.evidence_forms import AmendmentForm
from apps.licensing.contracts.forms import CONTRACT_FIELDS, ContractForm, LineForm
from apps.licensing.contracts.notice_forms import DecisionForm, LetterForm
from apps.licensing.contracts.notices import NoticeDate, has_letter, notice_dates, notice_of_day
from apps.licensing.models import Amendment, Contract, ContractLine, ContractQuerySet, Product
from apps.licensing.once import AlreadyExists
from apps.tenants.models import ApiToken, Role
from visio_portal.api.access import membership_of, require_role, tenant_of
from visio_portal.api.forms import checked, errors_of, with_changes
from visio_portal.api.paging import Pages

READ, WRITE = ApiToken.Scope.LICENSING_READ, ApiToken.Scope.LICENSING_WRITE
SCOPES = {"GET": READ, "POST": WRITE, "PATCH": WRITE, "DELETE": WRITE}


class ForProcurement(APIView):
    """What a ministry's procurement officers alone may call."""

    scopes = SCOPES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(request, Role.PROCUREMENT)


class ContractViewSet(
    ForProcurement, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Contract]
):
    """Contracts of the token's ministry, checked and saved as its pages do; amounts are decimal strings."""

    serializer_class = ContractSerializer
    lookup_url_kwarg = "contract_id"
    lookup_value_converter = "uuid"

    class pagination_class(Pages):
        ordering = ("name", "id")

    def get_queryset(self) -> ContractQuerySet:
        return Contract.objects.filter(tenant=tenant_of(self.request)).with_lines()

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "today": tenant_of(self.request).today}

    @extend_schema(request=NewContractBody, responses={201: ContractSerializer})
    def create(self, request: Request) -> Response:
        """Add a contract with its lines."""
        values = read(NewContractBody, request)
        lines = [LineForm(line) for line in values.pop("lines")]
        form = ContractForm(with_changes(Contract(), CONTRACT_FIELDS, values), today=tenant_of(request).today)
        wrong_lines = [{} if line.is_valid() else errors_of(line) for line in lines]
        if not form.is_valid() or any(wrong_lines):
            of_lines: dict[str, Any] = {"lines": dict(enumerate(wrong_lines))} if any(wrong_lines) else {}
            raise exceptions.ValidationError({**errors_of(form), **of_lines})
        first, *others = [line.instance for line in lines]
        membership = membership_of(request)
        with transaction.atomic():
            try:
                contract = operations.create_contract(membership=membership, contract=form.instance, line=first)
            except AlreadyExists as error:
                raise name_taken() from error
            for line in others:
                operations.add_line(membership=membership, contract=contract, line=line)
        return self._state(contract.id, status.HTTP_201_CREATED)

    @extend_schema(request=ContractBody, responses=ContractSerializer)
    def partial_update(self, request: Request, contract_id: UUID) -> Response:
        """Change some of a contract's terms; the others stay."""
        contract = self.get_object()
        values = with_changes(contract, CONTRACT_FIELDS, read(ContractBody, request))
        form = checked(ContractForm(values, today=tenant_of(request).today, instance=contract))
        try:
            operations.change_contract(membership=membership_of(request), contract=contract, fields=form.changed_fields)
        except AlreadyExists as error:
            raise name_taken() from error
        return self._state(contract_id)

    @extend_schema(request=LineBody, responses={201: ContractLineSerializer})
    @action(detail=True, methods=["post"])
    def lines(self, request: Request, contract_id: UUID) -> Response:
        """Add a line to a contract."""
        contract = self.get_object()
        form = checked(LineForm(read(LineBody, request)))
        line = operations.add_line(membership=membership_of(request), contract=contract, line=form.instance)
        return Response(ContractLineSerializer(line).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="contracts_lines_partial_update", request=LineBody, responses=ContractLineSerializer)
    @action(detail=True, methods=["patch"], url_path="lines/<uuid:line_id>")
    def line(self, request: Request, contract_id: UUID, line_id: UUID) -> Response:
        """Change some of a line's fields; the others stay."""
        line = self._line(contract_id, line_id)
        form = checked(LineForm(with_changes(line, LINE_FIELDS, read(LineBody, request)), instance=line))
        operations.change_line(membership=membership_of(request), line=line, fields=form.changed_data)
        return Response(ContractLineSerializer(line).data)

    @extend_schema(operation_id="contracts_lines_destroy", responses={204: None})
    @line.mapping.delete
    def line_remove(self, request: Request, contract_id: UUID, line_id: UUID) -> Response:
        """Take out a line that was entered by mistake."""
        operations.remove_line(membership=membership_of(request), line=self._line(contract_id, line_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=AmendmentBody, responses={201: AmendmentSerializer})
    @action(detail=True, methods=["post"])
    def amendments(self, request: Request, contract_id: UUID) -> Response:
        """Enter a change of a contract with its proof; the proof's file is added on the page."""
        contract = self.get_object()
        amendment = Amendment(tenant=tenant_of(request), contract=contract)
        form = checked(AmendmentForm(read(AmendmentBody, request), contract=contract, instance=amendment))
        saved = operations.add_amendment(membership=membership_of(request), amendment=form.instance)
        return Response(AmendmentSerializer(saved).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="contracts_amendments_destroy", responses={204: None})
    @action(detail=True, methods=["delete"], url_path="amendments/<uuid:amendment_id>")
    def amendment(self, request: Request, contract_id: UUID, amendment_id: UUID) -> Response:
        """Take out an amendment that was entered by mistake, and its proof."""
        rows = Amendment.objects.filter(tenant=tenant_of(request), contract_id=contract_id)
        found = get_object_or_404(rows.select_related("contract", "stored_file"), id=amendment_id)
        operations.remove_amendment(membership=membership_of(request), amendment=found)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _line(self, contract_id: UUID, line_id: UUID) -> ContractLine:
        lines = ContractLine.objects.filter(tenant=tenant_of(self.request), contract_id=contract_id)
        return get_object_or_404(lines.select_related("contract", "product"), id=line_id)

    def _state(self, contract_id: UUID, code: int = status.HTTP_200_OK) -> Response:
        found = get_object_or_404(self.get_queryset(), id=contract_id)
        return Response(self.get_serializer(found).data, status=code)


class NoticeListView(ForProcurement):
    """Notice dates of the ministry: those of the last twelve months, and of the next twenty-four."""

    @extend_schema(operation_id="notices_list", responses=NoticeSerializer(many=True), tags=["notices"])
    def get(self, request: Request) -> Response:
        tenant = tenant_of(request)
        return Response(NoticeSerializer(notice_dates(contracts_with_decisions(request), tenant.today), many=True).data)


class NoticeView(ForProcurement):
    """One notice date of a contract; ``day`` is its ``effective_on``."""

    @extend_schema(operation_id="notices_retrieve", responses=NoticeSerializer, tags=["notices"])
    def get(self, request: Request, contract_id: UUID, day: str) -> Response:
        return Response(NoticeSerializer(notice_of(request, contract_id, day)).data)

    @extend_schema(operation_id="notices_decide", request=DecisionBody, responses=NoticeSerializer, tags=["notices"])
    def post(self, request: Request, contract_id: UUID, day: str) -> Response:
        """Record what is done at this date; a later decision replaces it."""
        notice = notice_of(request, contract_id, day)
        form = checked(DecisionForm(read(DecisionBody, request)))
        notice_operations.decide(
            membership=membership_of(request),
            contract=notice.contract,
            effective_on=notice.effective_on,
            **form.cleaned_data,
        )
        return Response(NoticeSerializer(notice_of(request, contract_id, day)).data)

    @extend_schema(operation_id="notices_follow", request=LetterBody, responses=NoticeSerializer, tags=["notices"])
    def patch(self, request: Request, contract_id: UUID, day: str) -> Response:
        """Note when the letter was sent and received; its receipt is added on the page."""
        notice = notice_of(request, contract_id, day)
        if notice.decision is None or not has_letter(notice):
            raise exceptions.NotFound
        fields = LetterForm.Meta.fields
        values = with_changes(notice.decision, fields, read(LetterBody, request))
        form = checked(LetterForm(values, instance=notice.decision))
        notice_operations.follow_letter(membership=membership_of(request), decision=form.instance)
        return Response(NoticeSerializer(notice_of(request, contract_id, day)).data)


class ProductViewSet(ForProcurement, mixins.ListModelMixin, viewsets.GenericViewSet[Product]):
    """Products that a line may name, with their dated public prices."""

    serializer_class = ProductSerializer

    class pagination_class(Pages):
        ordering = ("publisher", "name", "id")

    def get_queryset(self) -> QuerySet[Product]:
        return Product.objects.prefetch_related("list_prices")


def read(body: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return a body's values by their types; the form says what else is wrong with them."""
    found = body(data=request.data)
    found.is_valid(raise_exception=True)
    values: dict[str, Any] = found.validated_data
    return values


def name_taken() -> exceptions.ValidationError:
    return exceptions.ValidationError({"name": [_("Another contract has this name already.")]}, "already_exists")


def contracts_with_decisions(request: Request) -> ContractQuerySet:
    contracts = Contract.objects.filter(tenant=tenant_of(request)).with_lines()
    return contracts.prefetch_related("decisions")


def notice_of(request: Request, contract_id: UUID, day: str) -> NoticeDate:
    """Return a notice date of the ministry; raises Http404 where the contract has no such date."""
    contract = get_object_or_404(contracts_with_decisions(request), id=contract_id)
    notice = notice_of_day(contract, day, tenant_of(request).today)
    if notice is None:
        raise exceptions.NotFound
    return notice
