"""Editions follow one another without a gap, and refuse every later change."""

from django.db import migrations

FREEZE = """
CREATE FUNCTION licensing_number_edition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM licensing_edition) THEN
        RAISE EXCEPTION 'editions are numbered without a gap' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION licensing_refuse_edition_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION 'an edition is frozen' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER number_edition BEFORE INSERT ON licensing_edition
    FOR EACH ROW EXECUTE FUNCTION licensing_number_edition();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON licensing_edition
    FOR EACH ROW EXECUTE FUNCTION licensing_refuse_edition_change();
REVOKE UPDATE, DELETE ON licensing_edition FROM visio_runtime;
"""

UNDO = """
GRANT UPDATE, DELETE ON licensing_edition TO visio_runtime;
DROP TRIGGER refuse_change ON licensing_edition;
DROP TRIGGER number_edition ON licensing_edition;
DROP FUNCTION licensing_refuse_edition_change();
DROP FUNCTION licensing_number_edition();
"""


class Migration(migrations.Migration):
    dependencies = [("licensing", "0011_count_people_of_all_tools")]

    operations = [migrations.RunSQL(FREEZE, UNDO)]
