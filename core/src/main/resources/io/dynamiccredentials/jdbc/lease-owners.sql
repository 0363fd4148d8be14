-- The processes that have open leases, or settle those of dead ones; one row for each owner of leases.
-- Needs nothing but SELECT, INSERT, UPDATE and DELETE at run time. Runs as it is on PostgreSQL and H2.
CREATE TABLE IF NOT EXISTS dynamic_credentials_lease_owners (
  owner VARCHAR(64) NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  beat_at TIMESTAMP WITH TIME ZONE NOT NULL
)
