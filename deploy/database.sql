-- What the runtime role may do in one database. Run as a superuser inside that database, after roles.sql and
-- before the first migration; running it again changes nothing.

-- Tables that the owner makes from now on can be read and written by the portal, and by nobody else. Row-level
-- security narrows this to one tenant; append-only tables take UPDATE and DELETE away in their migrations.
ALTER DEFAULT PRIVILEGES FOR ROLE visio_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO visio_runtime;
ALTER DEFAULT PRIVILEGES FOR ROLE visio_owner GRANT USAGE, SELECT ON SEQUENCES TO visio_runtime;
-- A function is for those to whom a migration grants it.
ALTER DEFAULT PRIVILEGES FOR ROLE visio_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE visio_search REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
