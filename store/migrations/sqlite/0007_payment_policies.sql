-- Which policy of payments was in force since when, and what looser one waits for a person and for its time.

-- Each by the name of exactly its words.
CREATE TABLE payment_policies (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  doc TEXT NOT NULL CHECK (json_valid(doc))
) STRICT;
CREATE TRIGGER payment_policies_fixed BEFORE UPDATE ON payment_policies BEGIN
  SELECT RAISE(ABORT, 'payment_policies is append-only');
END;
CREATE TRIGGER payment_policies_kept BEFORE DELETE ON payment_policies BEGIN
  SELECT RAISE(ABORT, 'payment_policies is append-only');
END;

-- In force is the last one. Decisions on payments name it by its hash from here on.
CREATE TABLE payment_policy_versions (
  seq INTEGER PRIMARY KEY CHECK (seq >= 1),
  -- None: nothing is paid.
  hash BLOB REFERENCES payment_policies (hash),
  since INTEGER NOT NULL,
  actor TEXT NOT NULL CHECK (actor <> ''),
  why TEXT NOT NULL CHECK (why <> '')
) STRICT;
CREATE TRIGGER payment_policy_versions_fixed BEFORE UPDATE ON payment_policy_versions BEGIN
  SELECT RAISE(ABORT, 'payment_policy_versions is append-only');
END;
CREATE TRIGGER payment_policy_versions_kept BEFORE DELETE ON payment_policy_versions BEGIN
  SELECT RAISE(ABORT, 'payment_policy_versions is append-only');
END;
CREATE TRIGGER payment_policy_versions_next BEFORE INSERT ON payment_policy_versions
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM payment_policy_versions) BEGIN
  SELECT RAISE(ABORT, 'payment_policy_versions is append-only: the next place is taken or skipped');
END;

-- What the file says and what does not hold yet. A confirmation is for exactly this hash: where the file says something
-- else, it ends with it.
CREATE TABLE payment_loosenings (
  loosening_id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version >= 1),
  hash BLOB NOT NULL REFERENCES payment_policies (hash),
  at INTEGER NOT NULL,
  confirmed_by TEXT CHECK (confirmed_by <> ''),
  confirmed_why TEXT CHECK (confirmed_why <> ''),
  confirmed_at INTEGER,
  effective_at INTEGER,
  ended_at INTEGER,
  ended_why TEXT,
  CHECK ((effective_at IS NULL) = (confirmed_by IS NULL)
    AND (effective_at IS NULL) = (confirmed_why IS NULL)
    AND (effective_at IS NULL) = (confirmed_at IS NULL)),
  CHECK (effective_at IS NULL OR effective_at >= confirmed_at),
  CHECK ((ended_at IS NULL) = (ended_why IS NULL))
) STRICT;
-- One waits at a time.
CREATE UNIQUE INDEX payment_loosenings_one ON payment_loosenings ((ended_at IS NULL)) WHERE ended_at IS NULL;
CREATE TRIGGER payment_loosenings_fixed BEFORE UPDATE OF hash, at ON payment_loosenings BEGIN
  SELECT RAISE(ABORT, 'what waits does not change');
END;
CREATE TRIGGER payment_loosenings_ended BEFORE UPDATE ON payment_loosenings
WHEN OLD.ended_at IS NOT NULL OR NEW.version <= OLD.version BEGIN
  SELECT RAISE(ABORT, 'what waited has ended, or moved without a new version');
END;
CREATE TRIGGER payment_loosenings_kept BEFORE DELETE ON payment_loosenings BEGIN
  SELECT RAISE(ABORT, 'payment_loosenings are kept');
END;
