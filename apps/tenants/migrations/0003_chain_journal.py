"""Link each journal event into its tenant's hash chain at COMMIT, and refuse every later change."""

from django.db import migrations

# The functions belong to the owner and run as it, so that the runtime role needs no right to write links or
# heads; row-level security binds the owner too, hence app.tenant is set to the event's own tenant.
LINK = """
CREATE FUNCTION journal_link_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    former text := current_setting('app.tenant', true);
    head tenants_journalhead%ROWTYPE;
BEGIN
    PERFORM set_config('app.tenant', NEW.tenant_id::text, true);
    INSERT INTO tenants_journalhead (id, tenant_id, position, digest)
        VALUES (gen_random_uuid(), NEW.tenant_id, 0, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (tenant_id) DO NOTHING;
    SELECT * INTO STRICT head FROM tenants_journalhead WHERE tenant_id = NEW.tenant_id FOR UPDATE;
    head.position := head.position + 1;
    head.digest := sha256(head.digest || NEW.canonical);
    INSERT INTO tenants_journallink (id, tenant_id, event_id, position, digest)
        VALUES (gen_random_uuid(), NEW.tenant_id, NEW.id, head.position, head.digest);
    UPDATE tenants_journalhead SET position = head.position, digest = head.digest WHERE id = head.id;
    PERFORM set_config('app.tenant', coalesce(former, ''), true);
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION journal_link_event() FROM PUBLIC;
CREATE CONSTRAINT TRIGGER link_event AFTER INSERT ON tenants_journalevent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_link_event();
REVOKE INSERT ON tenants_journallink, tenants_journalhead FROM visio_runtime;
"""

REFUSE = """
CREATE FUNCTION journal_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tenants_journalevent
    FOR EACH ROW EXECUTE FUNCTION journal_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON tenants_journallink
    FOR EACH ROW EXECUTE FUNCTION journal_refuse_change();
"""

UNDO = """
DROP TRIGGER refuse_change ON tenants_journallink;
DROP TRIGGER refuse_change ON tenants_journalevent;
DROP FUNCTION journal_refuse_change();
GRANT INSERT ON tenants_journallink, tenants_journalhead TO visio_runtime;
DROP TRIGGER link_event ON tenants_journalevent;
DROP FUNCTION journal_link_event();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_isolate_tenants")]

    operations = [migrations.RunSQL(LINK + REFUSE, UNDO)]
