"""Find the accounts of an import by where they lie, in the place of a key that costs as much as all of their cells.

The key's index took half of the time in which a million rows are written. What is looked up by person is looked up in
the listed accounts, which a worker writes later; that a person stands once in a file is asked of the file as a whole.
"""

import django.contrib.postgres.indexes
from django.db import migrations

KEY = "ALTER TABLE licensing_account ADD CONSTRAINT licensing_account_pkey PRIMARY KEY (usage_import_id, identifier)"
# The columns of a key stay NOT NULL without it.
NO_KEY = "ALTER TABLE licensing_account DROP CONSTRAINT licensing_account_pkey"


class Migration(migrations.Migration):
    dependencies = [("licensing", "0015_list_accounts")]

    operations = [
        migrations.RunSQL(NO_KEY, KEY),
        migrations.AddIndex(
            "Account",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["usage_import"],
                name="account_of_import",
                opclasses=["uuid_minmax_multi_ops"],
                autosummarize=True,
            ),
        ),
    ]
