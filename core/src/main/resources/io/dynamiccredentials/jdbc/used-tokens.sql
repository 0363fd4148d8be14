-- The tokens that were used and have not ended, by the hash of issuer and jti; one row for each.
-- Needs nothing but SELECT, INSERT and DELETE at run time. Runs as it is on PostgreSQL and H2.
CREATE TABLE IF NOT EXISTS dynamic_credentials_used_tokens (
  token_key VARCHAR(64) NOT NULL PRIMARY KEY,
  ends_at TIMESTAMP WITH TIME ZONE NOT NULL
);
CREATE INDEX IF NOT EXISTS dynamic_credentials_used_tokens_ends_at ON dynamic_credentials_used_tokens (ends_at)
