-- Known-bad texts that are put before reviewers. They stand in a table of their own, and only the review queue reads it: no
-- task, verdict, intent or lesson can name one, and none of them is in a figure that is not about probes.
CREATE TABLE probes (
  ticket_id BLOB PRIMARY KEY CHECK (length(ticket_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  -- The ticket it looks like.
  host_id BLOB NOT NULL UNIQUE REFERENCES tickets (ticket_id),
  flaw TEXT NOT NULL,
  call TEXT NOT NULL CHECK (json_valid(call)),
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  created_at INTEGER NOT NULL,
  sla_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  assigned_to TEXT NOT NULL DEFAULT '',
  snoozed_until INTEGER,
  looked_by TEXT,
  looked_since INTEGER,
  looked_until INTEGER,
  decided_by TEXT,
  decided_at INTEGER,
  -- Whether whoever decided it saw that it is bad.
  caught INTEGER CHECK (caught IN (0, 1)),
  looked_for INTEGER,
  CHECK ((decided_at IS NULL) = (caught IS NULL)),
  CHECK ((decided_at IS NULL) = (decided_by IS NULL))
) STRICT;
CREATE INDEX probes_waiting ON probes (expires_at) WHERE decided_at IS NULL;
CREATE INDEX probes_decided ON probes (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX probes_content ON probes (content_hash);
-- Whatever a program believes: what is a probe never leaves.
CREATE TRIGGER probes_never_leave BEFORE INSERT ON effects
  WHEN EXISTS (SELECT 1 FROM probes p WHERE p.content_hash = NEW.content_hash OR p.ticket_id = NEW.ticket_id)
BEGIN
  SELECT RAISE(ABORT, 'a probe never leaves');
END;
CREATE TRIGGER probes_keep BEFORE UPDATE OF host_id, flaw, call, content_hash ON probes
BEGIN
  SELECT RAISE(ABORT, 'what a probe says does not change');
END;
