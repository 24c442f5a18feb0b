"""REST: what contracts, lines, amendments and notices look like, and the bodies that the pages' forms check."""

from decimal import ROUND_HALF_UP
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.licensing.contracts.evidence_forms import AmendmentForm
from apps.licensing.contracts.forms import CONTRACT_FIELDS, ContractForm, LineForm
from apps.licensing.contracts.notice_forms import DecisionForm, LetterForm
from apps.licensing.contracts.notices import State
from apps.licensing.figures import ContractFigures, contract_figures
from apps.licensing.models import Amendment, Contract, ContractLine, ListPrice, NoticeDecision, Product
from visio_portal.api.forms import body_of_form

LINE_FIELDS: list[str] = list(LineForm.base_fields)
AMENDMENT_FIELDS = [name for name in AmendmentForm.base_fields if name != "file"]
LETTER_FIELDS = [name for name in LetterForm.base_fields if name != "file"]
LINES_MAX = 200

LineBody = body_of_form("ContractLineBody", "Seats of a product at the contract's own price.", LineForm, LINE_FIELDS)
AmendmentBody = body_of_form("AmendmentBody", "A change of a contract and its proof.", AmendmentForm, AMENDMENT_FIELDS)
DecisionBody = body_of_form(
    "NoticeDecisionBody", "What is done at a date, and why.", DecisionForm, ["choice", "reason"]
)
LetterBody = body_of_form("NoticeLetterBody", "What became of the letter of notice.", LetterForm, LETTER_FIELDS)
ContractBody = body_of_form("ContractBody", "A contract's own terms.", ContractForm, CONTRACT_FIELDS)


class NewContractBody(ContractBody):  # type: ignore[misc, valid-type]
    """A contract's own terms, and its lines: one at least."""

    lines = serializers.ListField(child=LineBody(), min_length=1, max_length=LINES_MAX)


class Euros(serializers.DecimalField):
    """An amount in euros before tax, to the cent; null is not computable."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(None, 2, rounding=ROUND_HALF_UP, allow_null=True, read_only=True, **kwargs)


class ContractLineSerializer(serializers.ModelSerializer[ContractLine]):
    product_name = serializers.CharField(source="product.__str__", read_only=True)

    class Meta:
        model = ContractLine
        fields = ["id", "product_name", *LINE_FIELDS]
        read_only_fields = fields


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    has_file = serializers.SerializerMethodField()

    class Meta:
        model = Amendment
        fields = ["id", *AMENDMENT_FIELDS, "has_file"]
        read_only_fields = fields

    def get_has_file(self, amendment: Amendment) -> bool:
        return amendment.stored_file_id is not None


class ContractFiguresSerializer(serializers.Serializer[ContractFigures]):
    """What a contract comes to today, in euros a year before tax; null is not computable."""

    is_in_force = serializers.BooleanField(read_only=True)
    left_on = serializers.DateField(read_only=True, allow_null=True, help_text=_("The day on which notice ends it"))
    seats = serializers.IntegerField(read_only=True, help_text=_("Seats that are paid for"))
    potential_eur = Euros()
    committed_eur = Euros()
    realised_eur = Euros()
    avoided_eur = Euros()
    due_eur = Euros()
    due_with_vat_eur = Euros(help_text=_("With the VAT of the place"))


class ContractSerializer(serializers.ModelSerializer[Contract]):
    """A contract with its lines and amendments, and what it comes to today."""

    lines = ContractLineSerializer(many=True, read_only=True)
    amendments = AmendmentSerializer(many=True, read_only=True)
    figures = serializers.SerializerMethodField()

    class Meta:
        model = Contract
        fields = ["id", *CONTRACT_FIELDS, "created_at", "updated_at", "lines", "amendments", "figures"]
        read_only_fields = fields

    def get_figures(self, contract: Contract) -> ContractFiguresSerializer:
        found = contract_figures(contract, self.context["today"])
        return ContractFiguresSerializer(found).data  # type: ignore[return-value]  # the annotation is the schema's


class NoticeDecisionSerializer(serializers.ModelSerializer[NoticeDecision]):
    has_receipt = serializers.SerializerMethodField()

    class Meta:
        model = NoticeDecision
        fields = ["choice", "reason", "decided_at", *LETTER_FIELDS, "has_receipt"]
        read_only_fields = fields

    def get_has_receipt(self, decision: NoticeDecision) -> bool:
        return decision.receipt_id is not None


class NoticeSerializer(serializers.Serializer[Any]):
    """A date at which a contract's seats can go, given notice by ``notice_by``."""

    contract = serializers.UUIDField(source="contract.id")
    contract_name = serializers.CharField(source="contract.name")
    effective_on = serializers.DateField()
    notice_by = serializers.DateField(help_text=_("The last day to give notice"))
    prepare_by = serializers.DateField(help_text=_("By when to decide inside the ministry"))
    state = serializers.ChoiceField([(state.value, state.value) for state in State], source="state.value")
    is_overdue = serializers.BooleanField()
    loss_eur = Euros(help_text=_("What a missed notice costs until the next date; null: not missed, or not computable"))
    decision = NoticeDecisionSerializer(allow_null=True)


class ListPriceSerializer(serializers.ModelSerializer[ListPrice]):
    class Meta:
        model = ListPrice
        fields = ["starts_on", "currency", "unit_price", "price_without_meetings", "source"]
        read_only_fields = fields


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A product of the operator's catalogue, with its dated public prices."""

    list_prices = ListPriceSerializer(many=True, read_only=True)

    class Meta:
        model = Product
        fields = ["id", "publisher", "name", "kind", "list_prices"]
        read_only_fields = fields
