"""Is the portal alive, and is it ready for work?"""

from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from visio_portal import health

app_name = "health"
urlpatterns = [
    path("live", never_cache(login_not_required(require_safe(health.live))), name="live"),
    path("ready", login_not_required(health.ReadyView.as_view()), name="ready"),
    path("workers", login_not_required(health.WorkersView.as_view()), name="workers"),
]
