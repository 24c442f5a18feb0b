"""The journal's actions in words; one that is missing here is shown as it is written."""

from django.utils.translation import gettext_lazy as _

ACTION_LABELS = {
    "tenant.created": _("tenant created"),
    "sign_in.succeeded": _("signed in"),
    "sign_in.refused": _("sign-in refused"),
    "identity.bound": _("account bound to an identity"),
    "sign_out.succeeded": _("signed out"),
    "member.joined": _("member joined"),
    "member.roles_changed": _("roles changed"),
    "token.created": _("API token created"),
    "token.revoked": _("API token revoked"),
    "route.added": _("establishment routed"),
    "meeting.scheduled": _("meeting scheduled"),
    "meeting.rescheduled": _("meeting changed"),
    "meeting.cancelled": _("meeting cancelled"),
    "meeting.restored": _("cancellation taken back"),
    "contract.created": _("contract entered"),
    "contract.changed": _("contract changed"),
    "contract.line_added": _("contract line added"),
    "contract.line_changed": _("contract line changed"),
    "contract.line_removed": _("contract line removed"),
    "product.added": _("product added"),
    "list_price.added": _("public price added"),
}
