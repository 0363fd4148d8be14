-- What is known of open leases, in JSON and without secrets; row 0 of a lease is the lease itself.
-- Needs nothing but SELECT, INSERT and DELETE at run time. Runs as it is on PostgreSQL and H2.
CREATE TABLE IF NOT EXISTS dynamic_credentials_lease_facts (
  owner VARCHAR(64) NOT NULL,
  lease VARCHAR(64) NOT NULL,
  place BIGINT NOT NULL CHECK (place >= 0),
  content TEXT NOT NULL CHECK (CHAR_LENGTH(content) <= 65536),
  PRIMARY KEY (owner, lease, place)
)
