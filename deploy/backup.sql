-- The role for backups, if you dump with pg_dump. Run as a superuser; running it again changes nothing.
-- Forced row-level security blinds even the owner, so a dump made as visio_owner would stop with an error. This role
-- alone reads past it; nothing of the portal signs in as it. (Physical backups need no such role.)

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'visio_backup') THEN
        CREATE ROLE visio_backup;
    END IF;
END
$$;

ALTER ROLE visio_backup LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB BYPASSRLS CONNECTION LIMIT 4;
ALTER ROLE visio_backup SET default_transaction_read_only = on;
GRANT pg_read_all_data TO visio_backup;
