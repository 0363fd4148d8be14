-- The signing keys of all issuers that share this database, sealed; one row for each name.
-- Needs nothing but SELECT, INSERT and UPDATE at run time. Runs as it is on PostgreSQL and H2.
CREATE TABLE IF NOT EXISTS dynamic_credentials_signing_keys (
  name VARCHAR(255) NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL CHECK (version > 0),
  sealed TEXT NOT NULL CHECK (CHAR_LENGTH(sealed) <= 1048576),
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL
)
