"""The catalogue of products, public prices and exchange rates, kept by the operator."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.licensing.catalogue import operations
from apps.licensing.catalogue.forms import ExchangeRateForm, ListPriceForm, ProductForm
from apps.licensing.models import ExchangeRate, ListPrice, Product
from apps.licensing.once import AlreadyExists
from apps.tenants.models import Role, TenantRequest
from apps.tenants.permissions import role_required
from visio_portal.forms import form_page, posted

RATES_SHOWN = 400


@require_safe
@role_required(Role.OPERATOR)
def product_list(request: TenantRequest) -> HttpResponse:
    today = request.tenant.today
    prices = Prefetch("list_prices", ListPrice.objects.valid_on(today).order_by("currency"), to_attr="prices_today")
    context = {"products": Product.objects.prefetch_related(prices), "today": today}
    return render(request, "licensing/catalogue/product_list.html", context)


@require_safe
@role_required(Role.OPERATOR)
def product_detail(request: TenantRequest, product_id: UUID) -> HttpResponse:
    product = get_object_or_404(Product, id=product_id)
    context = {"product": product, "prices": product.list_prices.order_by("-starts_on", "currency")}
    return render(request, "licensing/catalogue/product_detail.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def product_create(request: TenantRequest) -> HttpResponse:
    form = ProductForm(posted(request))
    if form.is_valid():
        try:
            product = operations.add_product(membership=request.membership, product=form.instance)
        except AlreadyExists:
            form.add_error("name", _("The catalogue has this product already."))
        else:
            messages.success(request, _("The product is in the catalogue; now add its public price."))
            return redirect("catalogue:product_detail", product_id=product.id)
    return form_page(request, "licensing/catalogue/product_form.html", form)


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def price_create(request: TenantRequest, product_id: UUID) -> HttpResponse:
    product = get_object_or_404(Product, id=product_id)
    form = ListPriceForm(posted(request), instance=ListPrice(product=product))
    if form.is_valid():
        try:
            operations.add_list_price(membership=request.membership, price=form.instance)
        except AlreadyExists:
            form.add_error("starts_on", _("This product has a price of that day in this currency already."))
        else:
            messages.success(request, _("The price is saved."))
            return redirect("catalogue:product_detail", product_id=product.id)
    return form_page(request, "licensing/catalogue/price_form.html", form, product=product)


@require_safe
@role_required(Role.OPERATOR)
def rate_list(request: TenantRequest) -> HttpResponse:
    return render(request, "licensing/catalogue/rate_list.html", {"rates": ExchangeRate.objects.all()[:RATES_SHOWN]})


@require_http_methods(["GET", "POST"])
@role_required(Role.OPERATOR)
def rate_create(request: TenantRequest) -> HttpResponse:
    form = ExchangeRateForm(posted(request), initial={"day": request.tenant.today})
    if form.is_valid():
        try:
            operations.add_exchange_rate(membership=request.membership, rate=form.instance)
        except AlreadyExists:
            form.add_error("day", _("This currency has a rate of that day already."))
        else:
            messages.success(request, _("The rate is saved."))
            return redirect("catalogue:rate_list")
    return form_page(request, "licensing/catalogue/rate_form.html", form)
