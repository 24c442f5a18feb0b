"""Put the app's tables under forced row-level security."""

from django.db import migrations

from apps.tenants.rls import CURRENT_USER, IS_OPERATOR, IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        IsolateTenant("Headcount"),
        IsolateTenant("Unit"),
        IsolateTenant("Membership", also_readable={"own_memberships": f"user_id = {CURRENT_USER}"}),
        IsolateTenant("TenantFigure", also_readable={"operator_figures": IS_OPERATOR}),
        IsolateTenant("JournalEvent", append_only=True),
        IsolateTenant("JournalLink", append_only=True),
        IsolateTenant("JournalHead", append_only=True),
    ]
