-- The database roles of Visio Portal. Run as a superuser, once per cluster; running it again changes nothing:
--     psql -d postgres -f deploy/roles.sql
--     psql -d postgres -c "\password visio_owner" -c "\password visio_runtime"
--     createdb --owner visio_owner --encoding UTF8 visio_portal
--     psql -d visio_portal -f deploy/database.sql
--
-- visio_owner    owns the database and every table; used by `manage.py migrate` alone.
-- visio_runtime  what the portal signs in as; owns nothing and cannot bypass row-level security.
-- visio_search   owns the search functions; nobody signs in as it.

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['visio_owner', 'visio_runtime', 'visio_search'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
    END LOOP;
END
$$;

ALTER ROLE visio_owner LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE visio_runtime LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;
ALTER ROLE visio_search NOLOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS;

-- The owner may become one of them with SET ROLE, but has none of their rights or policies by itself.
GRANT visio_runtime TO visio_owner WITH INHERIT FALSE, SET TRUE;
GRANT visio_search TO visio_owner WITH INHERIT FALSE, SET TRUE;
