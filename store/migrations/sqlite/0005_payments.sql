-- Payments from wallets on chains. A payment's row stands before its bytes exist, the bytes before anybody has them.

CREATE TABLE payment_transitions (
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;

CREATE TABLE payments (
  payment_id BLOB PRIMARY KEY CHECK (length(payment_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  key TEXT NOT NULL CHECK (key <> ''),
  -- Of all that was asked for, so that a key never stands for two wishes.
  request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  campaign_id BLOB REFERENCES campaigns (campaign_id),
  task_id BLOB REFERENCES tasks (task_id),
  trace_id BLOB NOT NULL,
  state TEXT NOT NULL,
  source TEXT NOT NULL,
  proposer TEXT NOT NULL CHECK (proposer <> ''),
  counterparty TEXT NOT NULL,
  asset TEXT NOT NULL,
  category TEXT NOT NULL,
  memo TEXT NOT NULL,
  -- The wish as the CFO heard it, and what it means; no terms where the policy does not know what it means.
  wish TEXT NOT NULL CHECK (json_valid(wish)),
  terms TEXT CHECK (terms IS NULL OR json_valid(terms)),
  digest BLOB CHECK (digest IS NULL OR length(digest) = 32),
  chain_id INTEGER,
  to_address BLOB CHECK (to_address IS NULL OR length(to_address) = 20),
  -- Against the caps: worth and the most its gas costs, then what it cost.
  counted INTEGER NOT NULL CHECK (counted >= 0),
  -- When it was settled by a clock that never goes back; open ones count at any time.
  settled_at INTEGER,
  why TEXT NOT NULL,
  at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  -- The transaction and the block it was found in, ours or whoever else used its authorization.
  chain_hash BLOB CHECK (chain_hash IS NULL OR length(chain_hash) = 32),
  chain_block INTEGER,
  chain_block_hash BLOB CHECK (chain_block_hash IS NULL OR length(chain_block_hash) = 32),
  CHECK ((terms IS NULL) = (digest IS NULL))
) STRICT;
CREATE UNIQUE INDEX payments_once ON payments (agent_id, key);
CREATE INDEX payments_newest ON payments (at);
CREATE INDEX payments_trace ON payments (trace_id);
CREATE INDEX payments_open ON payments (agent_id, counted)
  WHERE state IN ('review', 'approved', 'signed', 'broadcast', 'mined', 'uncertain');
CREATE INDEX payments_late ON payments (expires_at) WHERE state IN ('review', 'approved');
CREATE INDEX payments_settled ON payments (settled_at, agent_id, counterparty, category, counted)
  WHERE settled_at IS NOT NULL;
CREATE INDEX payments_made ON payments (agent_id, settled_at, counted) WHERE state = 'posted';
CREATE INDEX payments_known ON payments (to_address) WHERE state = 'posted';
CREATE INDEX payments_asked ON payments (agent_id, at) WHERE state NOT IN ('refused', 'rejected', 'expired');

CREATE TRIGGER payments_move BEFORE UPDATE OF state ON payments
WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'illegal transition of a payment')
  WHERE NOT EXISTS (SELECT 1 FROM payment_transitions WHERE from_state = OLD.state AND to_state = NEW.state);
  SELECT RAISE(ABORT, 'a payment moved without a new version') WHERE NEW.version <= OLD.version;
END;
CREATE TRIGGER payments_start BEFORE INSERT ON payments
WHEN NEW.state NOT IN ('refused', 'review', 'approved') BEGIN
  SELECT RAISE(ABORT, 'a payment cannot start in this state');
END;
CREATE TRIGGER payments_fixed BEFORE UPDATE OF key, request_hash, agent_id, wish, terms, digest, counterparty, asset, to_address ON payments BEGIN
  SELECT RAISE(ABORT, 'what a payment is does not change');
END;
CREATE TRIGGER payments_kept BEFORE DELETE ON payments BEGIN
  SELECT RAISE(ABORT, 'payments are kept');
END;

-- Each decision on a payment with what it was made from, so that it can be made again.
CREATE TABLE payment_decisions (
  decision_id INTEGER PRIMARY KEY,
  payment_id BLOB NOT NULL REFERENCES payments (payment_id),
  policy_hash BLOB NOT NULL CHECK (length(policy_hash) = 32),
  step TEXT NOT NULL,
  verdict TEXT NOT NULL,
  risk INTEGER,
  people INTEGER NOT NULL,
  lines TEXT NOT NULL CHECK (json_valid(lines)),
  facts TEXT NOT NULL CHECK (json_valid(facts)),
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX payment_decisions_of ON payment_decisions (payment_id);
CREATE TRIGGER payment_decisions_fixed BEFORE UPDATE ON payment_decisions BEGIN
  SELECT RAISE(ABORT, 'payment_decisions is append-only');
END;
CREATE TRIGGER payment_decisions_kept BEFORE DELETE ON payment_decisions BEGIN
  SELECT RAISE(ABORT, 'payment_decisions is append-only');
END;

-- One person's yes, bound to what they saw.
CREATE TABLE payment_approvals (
  payment_id BLOB NOT NULL REFERENCES payments (payment_id),
  person TEXT NOT NULL CHECK (person <> ''),
  actor TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  at INTEGER NOT NULL,
  PRIMARY KEY (payment_id, person)
) STRICT;
CREATE TRIGGER payment_approvals_kept BEFORE DELETE ON payment_approvals BEGIN
  SELECT RAISE(ABORT, 'payment_approvals is append-only');
END;

CREATE TABLE payment_attempts (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  payment_id BLOB NOT NULL REFERENCES payments (payment_id),
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  chain_id INTEGER NOT NULL,
  sender BLOB NOT NULL CHECK (length(sender) = 20),
  nonce INTEGER NOT NULL CHECK (nonce >= 0),
  unsigned TEXT NOT NULL CHECK (json_valid(unsigned)),
  raw BLOB NOT NULL CHECK (length(raw) > 0),
  block INTEGER,
  block_hash BLOB CHECK (block_hash IS NULL OR length(block_hash) = 32),
  signed_at_block INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;
-- Of one payment one transaction lives at a time, and at one place of a wallet one.
CREATE UNIQUE INDEX attempts_one_each ON payment_attempts (payment_id) WHERE state IN ('signed', 'broadcast');
CREATE UNIQUE INDEX attempts_one_place ON payment_attempts (chain_id, sender, nonce) WHERE state IN ('signed', 'broadcast');
CREATE INDEX attempts_of ON payment_attempts (payment_id);
CREATE INDEX attempts_place ON payment_attempts (chain_id, sender, nonce);
-- A place belongs to one payment for ever.
CREATE TRIGGER attempts_place_kept BEFORE INSERT ON payment_attempts
WHEN EXISTS (SELECT 1 FROM payment_attempts a WHERE a.chain_id = NEW.chain_id AND a.sender = NEW.sender
             AND a.nonce = NEW.nonce AND a.payment_id <> NEW.payment_id)
  OR EXISTS (SELECT 1 FROM payment_attempts a WHERE a.hash = NEW.hash) BEGIN
  SELECT RAISE(ABORT, 'this place of the wallet is taken by another payment');
END;
CREATE TRIGGER attempts_fixed BEFORE UPDATE OF hash, payment_id, kind, chain_id, sender, nonce, unsigned, raw ON payment_attempts BEGIN
  SELECT RAISE(ABORT, 'signed bytes do not change');
END;
CREATE TRIGGER attempts_kept BEFORE DELETE ON payment_attempts BEGIN
  SELECT RAISE(ABORT, 'payment_attempts are kept');
END;

-- What was settled in each hour, by whom or what it counts for, so that a month is not summed payment by payment.
CREATE TABLE payment_hours (
  scope TEXT NOT NULL,
  hour INTEGER NOT NULL,
  counted INTEGER NOT NULL CHECK (counted >= 0),
  payments INTEGER NOT NULL,
  PRIMARY KEY (scope, hour)
) STRICT, WITHOUT ROWID;

-- Double entry in the assets' own units, chained by hash.
CREATE TABLE wallet_entries (
  seq INTEGER PRIMARY KEY CHECK (seq >= 1),
  entry_id BLOB NOT NULL UNIQUE CHECK (length(entry_id) = 16),
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  payment_id BLOB REFERENCES payments (payment_id),
  asset TEXT NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL CHECK (credit <> debit),
  -- Big-endian, so that amounts compare as they are.
  amount BLOB NOT NULL CHECK (length(amount) = 16),
  usd INTEGER NOT NULL,
  -- The transaction it is about, where there is one.
  chain_hash BLOB CHECK (chain_hash IS NULL OR length(chain_hash) = 32),
  block INTEGER,
  at INTEGER NOT NULL,
  prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX wallet_entries_of ON wallet_entries (agent_id, seq);
CREATE INDEX wallet_entries_payment ON wallet_entries (payment_id);
CREATE TRIGGER wallet_entries_fixed BEFORE UPDATE ON wallet_entries BEGIN
  SELECT RAISE(ABORT, 'wallet_entries is append-only');
END;
CREATE TRIGGER wallet_entries_kept BEFORE DELETE ON wallet_entries BEGIN
  SELECT RAISE(ABORT, 'wallet_entries is append-only');
END;
CREATE TRIGGER wallet_entries_next BEFORE INSERT ON wallet_entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM wallet_entries)
  OR EXISTS (SELECT 1 FROM wallet_entries WHERE entry_id = NEW.entry_id) BEGIN
  SELECT RAISE(ABORT, 'wallet_entries is append-only: the next place is taken or skipped');
END;

-- What each wallet should hold, kept beside the entries it is the sum of.
CREATE TABLE wallet_balances (
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  asset TEXT NOT NULL,
  held BLOB NOT NULL CHECK (length(held) = 16),
  PRIMARY KEY (agent_id, asset)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_cursors (
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  asset TEXT NOT NULL,
  block INTEGER NOT NULL,
  block_hash BLOB NOT NULL CHECK (length(block_hash) = 32),
  compared INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (agent_id, asset)
) STRICT, WITHOUT ROWID;

-- What does not fit between payments, ledger and chain. An open one freezes its wallet.
CREATE TABLE wallet_breaks (
  break_id INTEGER PRIMARY KEY,
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  closed_at INTEGER,
  closed_by TEXT,
  closed_why TEXT
) STRICT;
CREATE UNIQUE INDEX breaks_open ON wallet_breaks (agent_id, kind, detail) WHERE closed_at IS NULL;
