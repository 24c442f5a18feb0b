"""What a bare machine lacks, started from wheels: database, broker, identity provider, supervisor."""
