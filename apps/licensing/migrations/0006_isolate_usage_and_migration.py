"""Put the tables of usage, migration and months under forced row-level security."""

from django.db import migrations

from apps.tenants.rls import IsolateTenant


class Migration(migrations.Migration):
    dependencies = [("licensing", "0005_keep_usage_and_migration")]

    operations = [
        IsolateTenant("Amendment"),
        IsolateTenant("ContractDocument"),
        IsolateTenant("NoticeDecision"),
        IsolateTenant("NoticeReminder"),
        IsolateTenant("NoticeFeed"),
        IsolateTenant("UsageImport"),
        IsolateTenant("ImportProblem"),
        IsolateTenant("ColumnMapping"),
        IsolateTenant("Account"),
        IsolateTenant("SkuCount"),
        IsolateTenant("Alias"),
        IsolateTenant("DepartmentUnit"),
        IsolateTenant("Reclaim"),
        IsolateTenant("UnitHeadcount"),
        IsolateTenant("Wave"),
        IsolateTenant("WaveUnit"),
        IsolateTenant("Milestone"),
        IsolateTenant("ChecklistItem"),
        IsolateTenant("Exemption"),
        IsolateTenant("Target"),
        IsolateTenant("UnitDay"),
        IsolateTenant("Scenario"),
        IsolateTenant("OneOffCost"),
        IsolateTenant("MonthStatement"),
    ]
