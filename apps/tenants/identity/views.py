"""Sign-in through ProConnect, sign-out, and the pages around them."""

import json
from typing import Any, cast
from urllib.parse import urlencode

import requests
import structlog
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare, get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from lasuite.oidc_login.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView
from mozilla_django_oidc.views import get_next_url

from apps.tenants.identity.backend import SignInRequest
from apps.tenants.identity.operations import record_in_tenants
from apps.tenants.identity.refusals import EXPLANATIONS, Reason, SignInRefused
from apps.tenants.models import Tenant, User

log = structlog.get_logger(__name__)

# What ProConnect accepts as a proof of two factors (its documentation, "Forcer la double authentification").
SECOND_FACTOR_LEVELS = [
    "eidas2",
    "eidas3",
    "https://proconnect.gouv.fr/assurance/self-asserted-2fa",
    "https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
]


@login_not_required
@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    next_url = get_next_url(request, "next") or ""
    if request.user.is_authenticated:
        return redirect(next_url or settings.LOGIN_REDIRECT_URL)
    return render(request, "identity/sign_in.html", {"start_url": start_url(next_url)})


def start_url(next_url: str = "", *, second_factor: bool = False) -> str:
    """Return the address that sends the browser to ProConnect and brings it back to ``next_url``."""
    query = {"next": next_url} if next_url else {}
    if second_factor:
        query["second_factor"] = "1"
    return f"{reverse('identity:start')}?{urlencode(query)}" if query else reverse("identity:start")


class StartView(OIDCAuthenticationRequestView):
    """Redirect to ProConnect with a fresh state and nonce."""

    def get_extra_params(self, request: HttpRequest) -> dict[str, str]:
        """Ask for ``amr``, and on request demand a second factor; ProConnect refuses parameters beyond its own."""
        id_token: dict[str, Any] = {"amr": {"essential": True}}
        if request.GET.get("second_factor"):
            id_token["acr"] = {"essential": True, "values": SECOND_FACTOR_LEVELS}
        return {"claims": json.dumps({"id_token": id_token}, separators=(",", ":"))}


class CallbackView(OIDCAuthenticationCallbackView):
    """Take ProConnect's answer: open a session, or say why not."""

    request: SignInRequest
    user: User

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            if "error" in request.GET:
                self._give_up(request)
            return cast(HttpResponse, super().get(request))
        except SignInRefused as refusal:
            return refusal_page(request, refusal)
        except requests.HTTPError as error:
            is_down = error.response is None or error.response.status_code >= 500
            reason = Reason.PROVIDER_UNAVAILABLE if is_down else Reason.UNTRUSTED
            return refusal_page(request, SignInRefused(reason, type(error).__name__))
        except requests.RequestException as error:
            return refusal_page(request, SignInRefused(Reason.PROVIDER_UNAVAILABLE, type(error).__name__))

    def _give_up(self, request: HttpRequest) -> None:
        """Forget the state of a declined sign-in; whoever is signed in stays so."""
        states = request.session.get("oidc_states", {})
        if states.pop(request.GET.get("state"), None) is None:
            raise SignInRefused(Reason.STALE)
        request.session.modified = True
        raise SignInRefused(Reason.DECLINED)

    def login_failure(self) -> HttpResponse:
        """Answer a callback whose state or code is not (or no longer) ours."""
        return refusal_page(self.request, SignInRefused(Reason.STALE))

    def login_success(self) -> HttpResponse:
        """Open the person's session under a new key, with what was proved at this very sign-in."""
        next_url = self.success_url  # kept by the session that ends here
        record_in_tenants(self.user, "sign_in.succeeded", idp_id=self.user.idp_id, amr=self.request.amr)
        self.request.session.flush()
        auth.login(self.request, self.user)
        self.request.session["amr"] = self.request.amr
        self.request.session["oidc_id_token"] = self.request.id_token
        return HttpResponseRedirect(next_url)


def refusal_page(request: HttpRequest, refusal: SignInRefused) -> HttpResponse:
    """Say why nobody was let in, and what to do now."""
    log.warning("sign_in.refused", reason=str(refusal))
    is_down = refusal.reason is Reason.PROVIDER_UNAVAILABLE
    status = 503 if is_down else 403
    if refusal.reason is Reason.UNKNOWN_ORGANISATION:
        operator = Tenant.objects.filter(kind=Tenant.Kind.OPERATOR).first()
        context: dict[str, Any] = {"siret": refusal.siret, "operator": operator}
        return render(request, "identity/unknown_organisation.html", context, status=status)
    context = {"explanation": EXPLANATIONS[refusal.reason], "start_url": start_url()}
    return render(request, "identity/refused.html", context, status=status)


def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Say why a role cannot be used in this session, and offer to sign in again with a second factor."""
    next_url = request.get_full_path() if request.method == "GET" else ""
    context = {"start_url": start_url(next_url, second_factor=True)}
    return render(request, "identity/second_factor.html", context, status=403)


@login_not_required
@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Close our session at once, then let the browser close ProConnect's.

    The browser goes on by a Refresh header instead of a redirect: a redirect would still be the form's, and
    form-action would have to name every identity provider behind ProConnect.
    """
    id_token = request.session.get("oidc_id_token")
    if isinstance(request.user, User):
        record_in_tenants(request.user, "sign_out.succeeded")
    auth.logout(request)
    if not id_token:  # the session was already gone: ProConnect would refuse us without the token
        return redirect("identity:signed_out")
    state = get_random_string(settings.OIDC_STATE_SIZE)
    request.session["sign_out_state"] = state
    query = {
        "id_token_hint": id_token,
        "state": state,
        "post_logout_redirect_uri": request.build_absolute_uri(reverse("identity:signed_out")),
    }
    provider_url = f"{settings.OIDC_OP_LOGOUT_ENDPOINT}?{urlencode(query)}"
    response = render(request, "identity/leaving.html", {"provider_url": provider_url})
    response["Refresh"] = f"0; url={provider_url}"
    return response


@login_not_required
@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Receive the browser back from ProConnect; nothing is left to close here."""
    if request.user.is_authenticated:  # a link from elsewhere, not our own sign-out: it changes nothing
        return redirect(settings.LOGIN_REDIRECT_URL)
    expected = request.session.pop("sign_out_state", "")
    is_ours = constant_time_compare(request.GET.get("state", ""), expected)
    if not request.session.keys():
        request.session.flush()
    return render(request, "identity/signed_out.html", {"is_confirmed": bool(expected) and is_ours})
