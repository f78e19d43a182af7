-- Payments that people are asked about are tickets of the review queue: what the desk knows of them, and the fuse that burns
-- before an approved one is signed.

-- An approved payment is signed after that moment; nothing where nobody had to approve it.
ALTER TABLE payments ADD COLUMN leaves_at INTEGER;
CREATE INDEX payments_review ON payments (expires_at) WHERE state = 'review';

-- A yes that was taken back counts no more; the row stays.
ALTER TABLE payment_approvals ADD COLUMN withdrawn_at INTEGER;

CREATE TABLE payment_desk (
  payment_id BLOB PRIMARY KEY REFERENCES payments (payment_id),
  escalated INTEGER NOT NULL DEFAULT 0 CHECK (escalated IN (0, 1)),
  note TEXT NOT NULL DEFAULT '',
  -- Whose it is to decide; empty is everybody's.
  assigned_to TEXT NOT NULL DEFAULT '',
  -- Who has it before them, until then.
  looked_by TEXT,
  looked_since INTEGER,
  looked_until INTEGER,
  -- Out of the way until then.
  snoozed_until INTEGER,
  -- Who gave the last answer, what and when.
  decided_by TEXT,
  decided_at INTEGER,
  answer TEXT,
  CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
  CHECK ((decided_by IS NULL) = (answer IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX payment_desk_decided ON payment_desk (decided_at) WHERE decided_at IS NOT NULL;
