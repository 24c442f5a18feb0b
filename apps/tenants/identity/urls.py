"""Sign-in and sign-out."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.cache import never_cache

from apps.tenants.identity import views

app_name = "identity"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("start/", never_cache(login_not_required(views.StartView.as_view())), name="start"),
    path("callback/", never_cache(login_not_required(views.CallbackView.as_view())), name="callback"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("signed-out/", views.signed_out, name="signed_out"),
]
