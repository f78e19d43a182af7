-- Ids are 16-byte blobs, hashes 32-byte blobs, times UTC microseconds, money micro-dollars, scores
-- millionths, documents JSON text. Tables of moves (`*_transitions`) are filled from the domain's own
-- tables when the database is opened, so that there is one truth about what may move where.

-- Everything that is counted as it happens, in one table, because every commit writes to it: the bell's number
-- ('change', 'seq'); how many versioned writes lost their race (normal, but counted), by the verb that lost
-- ('lost', verb); and how many tasks, signals and tickets are in each state, so that a cap and a screen are one
-- look whatever is finished, recounted by the integrity check.
CREATE TABLE counts (
  kind TEXT NOT NULL CHECK (kind IN ('change', 'lost', 'task', 'signal', 'ticket')),
  name TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
INSERT INTO counts VALUES ('change', 'seq', 0);

CREATE TABLE policies (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  doc TEXT NOT NULL CHECK (json_valid(doc)),
  installed_at INTEGER NOT NULL
) STRICT;

-- One row: what holds for everything at once.
CREATE TABLE fleet (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL CHECK (version >= 1),
  -- Kept beside the halts in the same transaction, so that a loop looks once.
  state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'killed')),
  policy_hash BLOB REFERENCES policies (hash),
  -- Of that policy, in microseconds: how long an approved effect is held.
  undo_fuse INTEGER,
  simulated_servers TEXT NOT NULL CHECK (json_valid(simulated_servers))
) STRICT;
INSERT INTO fleet (one, version, state, simulated_servers) VALUES (1, 1, 'running', '[]');

-- One row a live halt: who stopped what, when and why. What was before is in the audit.
CREATE TABLE halts (
  kind TEXT NOT NULL CHECK (kind IN ('fleet', 'publishing', 'spending', 'agent', 'campaign', 'platform')),
  -- The id of an agent or a campaign, the name of a platform, else empty.
  subject ANY NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  level TEXT NOT NULL CHECK (level IN ('pause', 'kill')),
  halted_by TEXT NOT NULL,
  halted_at INTEGER NOT NULL,
  halted_why TEXT NOT NULL,
  -- The ids of what was under way at that moment: what became of it is looked up.
  in_flight TEXT NOT NULL CHECK (json_valid(in_flight)),
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

-- What a person let go live, or dry again; without a row it is dry. A campaign's counts only for the place
-- (account, network, server) that was typed.
CREATE TABLE modes (
  kind TEXT NOT NULL CHECK (kind IN ('server', 'agent', 'campaign')),
  -- The name of a server, the id of an agent or a campaign.
  subject ANY NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 1),
  mode TEXT NOT NULL CHECK (mode IN ('dry_run', 'live')),
  confirmed TEXT NOT NULL CHECK ((confirmed <> '') = (mode = 'live')),
  moved_by TEXT NOT NULL,
  moved_at INTEGER NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

-- One row: who runs the swarm. The fence stays when the lease is given back.
CREATE TABLE leases (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  fence INTEGER NOT NULL,
  holder TEXT,
  host TEXT,
  pid INTEGER,
  since INTEGER,
  until INTEGER
) STRICT;
INSERT INTO leases (one, fence) VALUES (1, 0);

CREATE TABLE agents (
  agent_id BLOB PRIMARY KEY CHECK (length(agent_id) = 16),
  slug TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE personas (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  slug TEXT NOT NULL,
  doc TEXT NOT NULL CHECK (json_valid(doc)),
  installed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE campaigns (
  campaign_id BLOB PRIMARY KEY CHECK (length(campaign_id) = 16),
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  name TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL CHECK (version >= 1),
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  state TEXT NOT NULL CHECK (state IN ('running', 'paused')),
  archived INTEGER NOT NULL CHECK (archived IN (0, 1)),
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  persona_hash BLOB,
  publish_server TEXT NOT NULL,
  channel TEXT NOT NULL,
  -- Pending, posted and uncertain amounts since ever; kept beside the intents in the same
  -- transaction so that a cap is one look, and recomputed by the ledger check.
  counted INTEGER NOT NULL DEFAULT 0 CHECK (counted >= 0),
  -- How much of it was billed by stand-ins.
  counted_simulated INTEGER NOT NULL DEFAULT 0 CHECK (counted_simulated BETWEEN 0 AND counted),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE resources (
  resource_id BLOB PRIMARY KEY CHECK (length(resource_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  server TEXT NOT NULL,
  uri TEXT NOT NULL,
  spec TEXT NOT NULL CHECK (json_valid(spec)),
  archived INTEGER NOT NULL CHECK (archived IN (0, 1)),
  cursor TEXT,
  failures INTEGER NOT NULL,
  next_poll_at INTEGER NOT NULL,
  last_success_at INTEGER,
  last_error TEXT,
  note TEXT,
  seen INTEGER NOT NULL DEFAULT 0,
  kept INTEGER NOT NULL DEFAULT 0,
  converted INTEGER NOT NULL DEFAULT 0,
  UNIQUE (server, uri)
) STRICT;
CREATE INDEX resources_due ON resources (next_poll_at) WHERE archived = 0;

CREATE TABLE trend_signals (
  signal_id BLOB PRIMARY KEY CHECK (length(signal_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  campaign_id BLOB NOT NULL REFERENCES campaigns (campaign_id),
  resource_id BLOB NOT NULL REFERENCES resources (resource_id),
  item_key TEXT NOT NULL,
  trace_id BLOB NOT NULL UNIQUE CHECK (length(trace_id) = 16),
  item TEXT NOT NULL CHECK (json_valid(item)),
  title_normal TEXT NOT NULL,
  search TEXT NOT NULL,
  ingested_at INTEGER NOT NULL,
  stale INTEGER NOT NULL CHECK (stale IN (0, 1)),
  near_duplicate_of BLOB REFERENCES trend_signals (signal_id),
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  score INTEGER CHECK (score BETWEEN 0 AND 1000000),
  relevance TEXT CHECK (relevance IS NULL OR json_valid(relevance)),
  held_until INTEGER,
  planned_at INTEGER,
  -- What a person said of it before it was decided on as it is: planned or left whatever its score.
  said TEXT CHECK (said IN ('kept', 'dropped')),
  UNIQUE (campaign_id, resource_id, item_key)
) STRICT;
CREATE INDEX signals_waiting ON trend_signals (ingested_at, signal_id) WHERE state IN ('new', 'held');
CREATE INDEX signals_alike ON trend_signals (campaign_id, title_normal, ingested_at);
CREATE INDEX signals_newest ON trend_signals (ingested_at);
CREATE INDEX signals_scored ON trend_signals (score);
CREATE INDEX signals_left ON trend_signals (ingested_at) WHERE state = 'ignored';
CREATE INDEX signals_twins ON trend_signals (near_duplicate_of) WHERE near_duplicate_of IS NOT NULL;

-- What people's decisions said of an agent's signals, line by line; nothing where one was taken back. A score that was
-- learned from them names the last line it had read.
CREATE TABLE lessons (
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  nth INTEGER NOT NULL CHECK (nth >= 1),
  signal_id BLOB NOT NULL REFERENCES trend_signals (signal_id),
  said TEXT CHECK (said IN ('kept', 'dropped')),
  said_by TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (agent_id, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX lessons_signal ON lessons (signal_id, nth);
CREATE TRIGGER lessons_fixed BEFORE UPDATE ON lessons BEGIN
  SELECT RAISE(ABORT, 'lessons is append-only');
END;
CREATE TRIGGER lessons_stay BEFORE DELETE ON lessons BEGIN
  SELECT RAISE(ABORT, 'lessons is append-only');
END;
CREATE TRIGGER lessons_next BEFORE INSERT ON lessons
WHEN NEW.nth IS NOT (SELECT coalesce(max(nth), 0) + 1 FROM lessons WHERE agent_id = NEW.agent_id) BEGIN
  SELECT RAISE(ABORT, 'lessons is append-only: the next place is taken or skipped');
END;

-- What was perceived, left and purged. It is not perceived anew: a feed may list an item for years.
CREATE TABLE forgotten_items (
  campaign_id BLOB NOT NULL,
  resource_id BLOB NOT NULL,
  item_key TEXT NOT NULL,
  PRIMARY KEY (campaign_id, resource_id, item_key)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER signals_forgotten BEFORE INSERT ON trend_signals
WHEN EXISTS (SELECT 1 FROM forgotten_items f WHERE f.campaign_id = NEW.campaign_id
  AND f.resource_id = NEW.resource_id AND f.item_key = NEW.item_key) BEGIN
  SELECT RAISE(IGNORE);
END;

-- One row per trace that became tasks: what the plan caps count and what lists are ordered by.
CREATE TABLE plans (
  trace_id BLOB PRIMARY KEY CHECK (length(trace_id) = 16),
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  -- Counted per agent from 1: the cap-th newest plan is one look, however many the cap allows.
  nth INTEGER NOT NULL CHECK (nth >= 1),
  campaign_id BLOB NOT NULL REFERENCES campaigns (campaign_id),
  signal_id BLOB REFERENCES trend_signals (signal_id),
  title TEXT NOT NULL,
  search TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  moved_at INTEGER NOT NULL,
  UNIQUE (agent_id, nth)
) STRICT;
CREATE INDEX plans_moved ON plans (moved_at DESC, trace_id DESC);
CREATE INDEX plans_signal ON plans (signal_id) WHERE signal_id IS NOT NULL;

-- Goals that people plan by hand: the tree while it is edited, and what was launched of it.
CREATE TABLE proposals (
  proposal_id BLOB PRIMARY KEY CHECK (length(proposal_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  campaign_id BLOB NOT NULL REFERENCES campaigns (campaign_id),
  state TEXT NOT NULL CHECK (state IN ('open', 'launched', 'discarded')),
  tree TEXT NOT NULL CHECK (json_valid(tree)),
  rules TEXT NOT NULL CHECK (json_valid(rules)),
  -- The trace of each branch, once it is launched.
  traces TEXT NOT NULL CHECK (json_valid(traces)),
  created_at INTEGER NOT NULL,
  moved_by TEXT NOT NULL,
  moved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX proposals_open ON proposals (moved_at) WHERE state = 'open';
CREATE TRIGGER proposals_move BEFORE UPDATE ON proposals
WHEN OLD.state <> 'open' OR NEW.version <= OLD.version BEGIN
  SELECT RAISE(ABORT, 'a proposal that was launched or discarded stays as it is');
END;

CREATE TABLE tasks (
  task_id BLOB PRIMARY KEY CHECK (length(task_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  campaign_id BLOB NOT NULL REFERENCES campaigns (campaign_id),
  epoch INTEGER NOT NULL,
  -- Of its plan, which refers to it: a second reference would cost an index.
  signal_id BLOB,
  trace_id BLOB NOT NULL REFERENCES plans (trace_id),
  template TEXT NOT NULL,
  node TEXT NOT NULL,
  node_order INTEGER NOT NULL,
  plan_attempt INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  -- Conflicts lost in a row: how often its work came too late since it last got through.
  lost INTEGER NOT NULL DEFAULT 0 CHECK (lost >= 0),
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  why TEXT NOT NULL,
  -- Unfinished parents: a counter and not a join, so that a claim stays one look.
  waiting_on INTEGER NOT NULL CHECK (waiting_on >= 0),
  blocked_by BLOB,
  -- Creation plus a handicap per priority: age is part of the order, so that none starves.
  claim_order INTEGER NOT NULL,
  ready_at INTEGER NOT NULL,
  claim_id BLOB,
  fence INTEGER,
  lease_until INTEGER,
  call TEXT CHECK (call IS NULL OR json_valid(call)),
  content_hash BLOB CHECK (content_hash IS NULL OR length(content_hash) = 32),
  artifact_id BLOB,
  issues TEXT NOT NULL CHECK (json_valid(issues)),
  counted INTEGER NOT NULL DEFAULT 0 CHECK (counted >= 0),
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  moved_at INTEGER NOT NULL,
  -- One plan a signal (`plans`), each node of an attempt once: the same signal makes nothing twice.
  UNIQUE (trace_id, plan_attempt, node_order),
  CHECK ((state = 'claimed') = (claim_id IS NOT NULL))
) STRICT;
-- The most urgent of all, and of each campaign: the second serves where many before it may not be claimed.
CREATE INDEX tasks_next ON tasks (claim_order, campaign_id, ready_at) WHERE state = 'pending' AND waiting_on = 0;
CREATE INDEX tasks_claimable ON tasks (campaign_id, claim_order, ready_at)
  WHERE state = 'pending' AND waiting_on = 0;
-- What roles and the sweep look for, the oldest first; one index, because every move of a task pays for each.
CREATE INDEX tasks_open ON tasks (state, moved_at)
  WHERE state = 'claimed' OR state = 'review' OR state = 'replan' OR state = 'blocked';
-- What has not moved for longest, whatever its state: a list is walked along it.
CREATE INDEX tasks_moved ON tasks (moved_at);
CREATE INDEX tasks_epoch ON tasks (campaign_id, epoch)
  WHERE state IN ('review', 'ticketed', 'approved') AND call IS NOT NULL;
CREATE INDEX tasks_blocked ON tasks (blocked_by) WHERE blocked_by IS NOT NULL;

-- What a task is about never changes: it lies apart, so that a move writes none of it again.
CREATE TABLE task_specs (
  task_id BLOB PRIMARY KEY REFERENCES tasks (task_id),
  spec TEXT NOT NULL CHECK (json_valid(spec))
) STRICT;

CREATE TABLE task_edges (
  parent_id BLOB NOT NULL REFERENCES tasks (task_id),
  child_id BLOB NOT NULL REFERENCES tasks (task_id),
  PRIMARY KEY (parent_id, child_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX edges_up ON task_edges (child_id);

CREATE TABLE blobs (
  sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32),
  mime TEXT NOT NULL,
  bytes BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX blobs_age ON blobs (created_at);

-- Which plans use which bytes, so that those of none can be purged.
CREATE TABLE blob_uses (
  sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
  trace_id BLOB NOT NULL,
  PRIMARY KEY (sha256, trace_id)
) STRICT, WITHOUT ROWID;

-- A result whose claim was overtaken by a new epoch is kept (`stale`) but never used.
-- One is always looked for by its task: an index over its own id would only be written to.
CREATE TABLE artifacts (
  artifact_id BLOB NOT NULL CHECK (length(artifact_id) = 16),
  task_id BLOB NOT NULL REFERENCES tasks (task_id),
  claim_id BLOB NOT NULL,
  stale INTEGER NOT NULL CHECK (stale IN (0, 1)),
  body TEXT NOT NULL CHECK (json_valid(body)),
  confidence INTEGER NOT NULL CHECK (confidence BETWEEN 0 AND 1000000),
  provenance TEXT NOT NULL CHECK (json_valid(provenance)),
  created_at INTEGER NOT NULL,
  UNIQUE (task_id, claim_id)
) STRICT;
CREATE TRIGGER artifacts_media AFTER INSERT ON artifacts
WHEN json_extract(NEW.body, '$.kind') IN ('media', 'post') BEGIN
  INSERT OR IGNORE INTO blob_uses
  SELECT unhex(m.sha256), t.trace_id FROM tasks t, (
    SELECT json_extract(NEW.body, '$.sha256') AS sha256
    UNION ALL SELECT json_extract(j.value, '$.sha256') FROM json_each(NEW.body, '$.media') j
  ) m WHERE t.task_id = NEW.task_id AND m.sha256 IS NOT NULL;
END;

CREATE TABLE verdicts (
  verdict_id BLOB PRIMARY KEY CHECK (length(verdict_id) = 16),
  task_id BLOB NOT NULL REFERENCES tasks (task_id),
  task_version INTEGER NOT NULL,
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  policy_hash BLOB NOT NULL CHECK (length(policy_hash) = 32),
  route TEXT NOT NULL,
  doc TEXT NOT NULL CHECK (json_valid(doc)),
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX verdicts_at ON verdicts (at);
CREATE INDEX verdicts_task ON verdicts (task_id, at);

CREATE TABLE tickets (
  ticket_id BLOB PRIMARY KEY CHECK (length(ticket_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  task_id BLOB NOT NULL REFERENCES tasks (task_id),
  campaign_id BLOB NOT NULL REFERENCES campaigns (campaign_id),
  verdict_id BLOB NOT NULL REFERENCES verdicts (verdict_id),
  trace_id BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  -- What was asked about; the task may propose something else by now, or nothing.
  call TEXT NOT NULL CHECK (json_valid(call)),
  state TEXT NOT NULL,
  sensitive INTEGER NOT NULL CHECK (sensitive IN (0, 1)),
  search TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  sla_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  decided_by TEXT,
  decided_at INTEGER,
  reject_class TEXT,
  note TEXT NOT NULL DEFAULT '',
  -- Whose it is to decide; empty is everybody's.
  assigned_to TEXT NOT NULL DEFAULT '',
  -- Who has it before them, until then.
  looked_by TEXT,
  looked_since INTEGER,
  looked_until INTEGER,
  -- How long whoever decided had it on screen; nothing where no screen said so.
  looked_for INTEGER,
  -- Out of the way until then; the sweep takes it away again.
  snoozed_until INTEGER,
  -- What a person wrote instead and let out; kept also when the judge stopped it.
  edited_call TEXT CHECK (edited_call IS NULL OR json_valid(edited_call)),
  edited_hash BLOB CHECK (edited_hash IS NULL OR length(edited_hash) = 32),
  moved_by TEXT NOT NULL,
  moved_at INTEGER NOT NULL,
  CHECK ((edited_call IS NULL) = (edited_hash IS NULL)),
  CHECK (state <> 'edited_approved' OR edited_hash IS NOT NULL)
) STRICT;
-- As the queue is read: what sleeps last, sensitive first, `escalated` before `open`, then by deadline.
CREATE INDEX tickets_waiting ON tickets (snoozed_until IS NOT NULL, sensitive DESC, state, sla_at)
  WHERE state IN ('open', 'escalated');
CREATE INDEX tickets_asleep ON tickets (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX tickets_deadline ON tickets (sla_at) WHERE state IN ('open', 'escalated');
CREATE INDEX tickets_asked ON tickets (created_at) WHERE state IN ('open', 'escalated');
CREATE INDEX tickets_sla ON tickets (sla_at) WHERE state = 'open';
CREATE INDEX tickets_expiry ON tickets (expires_at) WHERE state IN ('open', 'escalated');
CREATE INDEX tickets_task ON tickets (task_id, created_at);
CREATE INDEX tickets_trace ON tickets (trace_id);
CREATE INDEX tickets_decided ON tickets (decided_at) WHERE decided_at IS NOT NULL;

-- Who approved a ticket as the first of two people: one row while it waits for the second, kept once both
-- approved. It holds for this version and content alone; what voids it deletes it, and the audit says so.
CREATE TABLE first_approvals (
  ticket_id BLOB PRIMARY KEY REFERENCES tickets (ticket_id),
  ticket_version INTEGER NOT NULL CHECK (ticket_version >= 1),
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  -- The person without the machine: nobody is a second person at another one.
  person TEXT NOT NULL CHECK (person <> ''),
  actor TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE effects (
  effect_id BLOB PRIMARY KEY CHECK (length(effect_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  task_id BLOB NOT NULL REFERENCES tasks (task_id),
  ticket_id BLOB REFERENCES tickets (ticket_id),
  campaign_id BLOB NOT NULL REFERENCES campaigns (campaign_id),
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  trace_id BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  state TEXT NOT NULL,
  why TEXT NOT NULL,
  call TEXT NOT NULL CHECK (json_valid(call)),
  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),
  idempotency_key TEXT NOT NULL,
  server TEXT NOT NULL,
  -- The account it goes out from. Of one account nothing leaves while something of it is under way.
  lane TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  fence INTEGER,
  sent_at INTEGER,
  simulated INTEGER CHECK (simulated IN (0, 1)),
  kind TEXT NOT NULL DEFAULT 'publish' CHECK (kind IN ('publish', 'withdraw')),
  -- What a withdrawal takes down, and why.
  publication_id BLOB REFERENCES publications (publication_id),
  note TEXT NOT NULL DEFAULT '',
  -- A dry run: it ended without a call.
  dry INTEGER NOT NULL DEFAULT 0 CHECK (dry IN (0, 1)),
  receipt TEXT CHECK (receipt IS NULL OR json_valid(receipt)),
  created_at INTEGER NOT NULL,
  moved_at INTEGER NOT NULL,
  -- What is dry is never sent and always marked, and nothing else is confirmed without having been sent.
  CHECK (dry = 0 OR (state NOT IN ('sent', 'uncertain') AND simulated IS 1)),
  CHECK (state <> 'confirmed' OR dry = 1 OR sent_at IS NOT NULL),
  CHECK ((kind = 'withdraw') = (publication_id IS NOT NULL) AND (kind = 'publish' OR dry = 0))
) STRICT;
-- The same call is alive once; its key is made of its task and its content, and begins with the task here
-- because ids of one time lie side by side while keys are strewn over every page. One that was taken back before it left, that the platform refused for
-- good, or that was a dry run, happened nowhere: the same content may be approved again under the same key.
CREATE UNIQUE INDEX effects_once ON effects (task_id, idempotency_key)
  WHERE state <> 'failed' AND dry = 0 AND NOT (state = 'withdrawn' AND sent_at IS NULL);
CREATE INDEX effects_withdrawing ON effects (publication_id) WHERE publication_id IS NOT NULL;
CREATE INDEX effects_rehearsed ON effects (agent_id, lane) WHERE dry = 1;
-- The next of all, and of each account: the second serves where many before it may not leave.
CREATE INDEX effects_next ON effects (due_at, effect_id, lane) WHERE state IN ('held', 'prepared');
CREATE INDEX effects_due ON effects (lane, due_at, effect_id) WHERE state IN ('held', 'prepared');
CREATE INDEX effects_open ON effects (lane, sent_at) WHERE state IN ('sent', 'uncertain');
CREATE INDEX effects_task ON effects (task_id, created_at);
CREATE INDEX effects_ticket ON effects (ticket_id) WHERE ticket_id IS NOT NULL;

CREATE TABLE publications (
  publication_id BLOB PRIMARY KEY CHECK (length(publication_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  effect_id BLOB NOT NULL UNIQUE REFERENCES effects (effect_id),
  task_id BLOB NOT NULL REFERENCES tasks (task_id),
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  campaign_id BLOB NOT NULL REFERENCES campaigns (campaign_id),
  trace_id BLOB NOT NULL,
  server TEXT NOT NULL,
  external_id TEXT NOT NULL,
  url TEXT NOT NULL,
  channel TEXT NOT NULL,
  account TEXT NOT NULL,
  text TEXT NOT NULL,
  search TEXT NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  -- Whether its server was configured as a stand-in: what it takes to reach the post again.
  stand_in INTEGER NOT NULL CHECK (stand_in IN (0, 1)),
  withdrawn_at INTEGER,
  withdrawn_why TEXT NOT NULL DEFAULT '',
  published_at INTEGER NOT NULL,
  next_look_at INTEGER NOT NULL,
  last_sample TEXT CHECK (last_sample IS NULL OR json_valid(last_sample))
) STRICT;
CREATE INDEX publications_due ON publications (next_look_at);
CREATE INDEX publications_newest ON publications (published_at);
CREATE INDEX publications_liked ON publications (json_extract(last_sample, '$.likes'));
-- What an account posted first, and last.
CREATE INDEX publications_first ON publications (agent_id, channel, simulated, published_at);

CREATE TABLE engagement_samples (
  publication_id BLOB NOT NULL REFERENCES publications (publication_id),
  at INTEGER NOT NULL,
  likes INTEGER NOT NULL,
  shares INTEGER NOT NULL,
  comments INTEGER NOT NULL,
  views INTEGER,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT;
CREATE INDEX samples_publication ON engagement_samples (publication_id, at);

CREATE TABLE spend_intents (
  intent_id BLOB PRIMARY KEY CHECK (length(intent_id) = 16),
  key TEXT NOT NULL,
  state TEXT NOT NULL,
  agent_id BLOB NOT NULL REFERENCES agents (agent_id),
  campaign_id BLOB NOT NULL REFERENCES campaigns (campaign_id),
  task_id BLOB NOT NULL REFERENCES tasks (task_id),
  trace_id BLOB NOT NULL,
  category TEXT NOT NULL,
  memo TEXT NOT NULL CHECK (memo <> ''),
  search TEXT NOT NULL,
  estimate INTEGER NOT NULL CHECK (estimate >= 0),
  actual INTEGER CHECK (actual >= 0),
  -- What counts against the caps now: the estimate until it is settled, then what it cost.
  counted INTEGER NOT NULL CHECK (counted >= 0),
  counted_at INTEGER NOT NULL,
  why TEXT NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  at INTEGER NOT NULL,
  -- What it was held against when it was asked for: each limit with its cap and what was used of it.
  limits TEXT CHECK (limits IS NULL OR json_valid(limits))
) STRICT;
CREATE UNIQUE INDEX intents_once ON spend_intents (key) WHERE state IN ('pending', 'posted', 'uncertain');
CREATE INDEX intents_pending ON spend_intents (agent_id, counted) WHERE state = 'pending';
-- With all that is summed of a day, so that a sum is one walk along it.
CREATE INDEX intents_window ON spend_intents (agent_id, counted_at, counted, state, simulated)
  WHERE state IN ('posted', 'uncertain');
CREATE INDEX intents_task ON spend_intents (task_id);
CREATE INDEX intents_trace ON spend_intents (trace_id);
CREATE INDEX intents_newest ON spend_intents (at);

CREATE TABLE ledger_entries (
  seq INTEGER PRIMARY KEY CHECK (seq >= 1),
  entry_id BLOB NOT NULL UNIQUE CHECK (length(entry_id) = 16),
  intent_id BLOB NOT NULL REFERENCES spend_intents (intent_id),
  debit TEXT NOT NULL,
  credit TEXT NOT NULL CHECK (credit <> debit),
  amount INTEGER NOT NULL CHECK (amount > 0),
  at INTEGER NOT NULL,
  simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
  prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX entries_intent ON ledger_entries (intent_id);

CREATE TABLE alerts (
  alert_id BLOB PRIMARY KEY CHECK (length(alert_id) = 16),
  severity TEXT NOT NULL,
  code TEXT NOT NULL,
  subject TEXT NOT NULL,
  text TEXT NOT NULL,
  count INTEGER NOT NULL,
  at INTEGER NOT NULL,
  acknowledged_at INTEGER,
  closed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (code, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_closed ON alerts (closed_at) WHERE closed_at IS NOT NULL;

-- Every move, decision, halt, lease and install, chained by hash: what was, stays.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY CHECK (seq >= 1),
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  subject TEXT NOT NULL,
  verb TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state TEXT NOT NULL,
  reason TEXT NOT NULL,
  from_version INTEGER NOT NULL,
  to_version INTEGER NOT NULL,
  trace_id BLOB,
  note TEXT NOT NULL,
  prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
-- What has a trace is looked for by it, and then by its subject: the lines of one plan lie on one page.
CREATE INDEX audit_trace ON audit (trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX audit_house ON audit (subject) WHERE trace_id IS NULL;
-- What people did with tickets, by time: few among all lines.
CREATE INDEX audit_tickets ON audit (at) WHERE substr(subject, 1, 4) = 'tkt_';

CREATE TABLE task_transitions (
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;
CREATE TABLE signal_transitions (
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;
CREATE TABLE ticket_transitions (
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;
CREATE TABLE effect_transitions (
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;
CREATE TABLE intent_transitions (
  from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;

-- Messages are constants: SQLite before 3.47 refuses to open a file whose RAISE has an expression, and
-- an operator must be able to look with the sqlite3 that the system ships.
CREATE TRIGGER tasks_move BEFORE UPDATE OF state ON tasks
WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'illegal transition of a task')
  WHERE NOT EXISTS (SELECT 1 FROM task_transitions WHERE from_state = OLD.state AND to_state = NEW.state);
  SELECT RAISE(ABORT, 'a task moved without a new version') WHERE NEW.version <= OLD.version;
END;
CREATE TRIGGER tasks_start BEFORE INSERT ON tasks
WHEN NEW.state NOT IN ('draft', 'pending') BEGIN
  SELECT RAISE(ABORT, 'a task cannot start in this state');
END;
CREATE TRIGGER signals_move BEFORE UPDATE OF state ON trend_signals
WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'illegal transition of a signal')
  WHERE NOT EXISTS (SELECT 1 FROM signal_transitions WHERE from_state = OLD.state AND to_state = NEW.state);
END;
CREATE TRIGGER tickets_move BEFORE UPDATE OF state ON tickets
WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'illegal transition of a ticket')
  WHERE NOT EXISTS (SELECT 1 FROM ticket_transitions WHERE from_state = OLD.state AND to_state = NEW.state);
  SELECT RAISE(ABORT, 'a ticket moved without a new version') WHERE NEW.version <= OLD.version;
END;
CREATE TRIGGER tickets_start BEFORE INSERT ON tickets
WHEN NEW.state <> 'open' BEGIN
  SELECT RAISE(ABORT, 'a ticket cannot start in this state');
END;
CREATE TRIGGER effects_move BEFORE UPDATE OF state ON effects
WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'illegal transition of an effect')
  WHERE NOT EXISTS (SELECT 1 FROM effect_transitions WHERE from_state = OLD.state AND to_state = NEW.state);
  SELECT RAISE(ABORT, 'an effect moved without a new version') WHERE NEW.version <= OLD.version;
END;
CREATE TRIGGER effects_start BEFORE INSERT ON effects
WHEN NEW.state NOT IN ('held', 'prepared') BEGIN
  SELECT RAISE(ABORT, 'an effect cannot start in this state');
END;
-- Where one person approved as the first of two, an effect needs that very content approved by another one.
CREATE TRIGGER effects_two BEFORE INSERT ON effects
WHEN NEW.ticket_id IS NOT NULL AND NEW.kind = 'publish' BEGIN
  SELECT RAISE(ABORT, 'two different people must approve this very content')
  FROM first_approvals f JOIN tickets k ON k.ticket_id = f.ticket_id
  WHERE f.ticket_id = NEW.ticket_id AND (f.content_hash <> NEW.content_hash OR k.state <> 'approved'
    OR k.decided_by = f.person OR substr(k.decided_by, 1, length(f.person) + 1) = f.person || '@');
END;
-- What was decided on is fixed from the moment it is approved.
CREATE TRIGGER effects_bound BEFORE UPDATE OF call, content_hash, idempotency_key, task_id ON effects BEGIN
  SELECT RAISE(ABORT, 'the content of an effect never changes');
END;
CREATE TRIGGER intents_move BEFORE UPDATE OF state ON spend_intents
WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'illegal transition of an intent')
  WHERE NOT EXISTS (SELECT 1 FROM intent_transitions WHERE from_state = OLD.state AND to_state = NEW.state);
END;
CREATE TRIGGER intents_start BEFORE INSERT ON spend_intents
WHEN NEW.state NOT IN ('pending', 'refused') BEGIN
  SELECT RAISE(ABORT, 'an intent cannot start in this state');
END;

-- Append-only. The insert guards are for INSERT OR REPLACE, which deletes without a delete trigger
-- unless recursive triggers are on.
CREATE TRIGGER entries_fixed BEFORE UPDATE ON ledger_entries BEGIN
  SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;
CREATE TRIGGER entries_kept BEFORE DELETE ON ledger_entries BEGIN
  SELECT RAISE(ABORT, 'ledger_entries is append-only');
END;
CREATE TRIGGER entries_next BEFORE INSERT ON ledger_entries
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entries)
  OR EXISTS (SELECT 1 FROM ledger_entries WHERE entry_id = NEW.entry_id) BEGIN
  SELECT RAISE(ABORT, 'ledger_entries is append-only: the next place is taken or skipped');
END;
CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'audit is append-only');
END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'audit is append-only');
END;
CREATE TRIGGER audit_next BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit) BEGIN
  SELECT RAISE(ABORT, 'audit is append-only: the next place is taken or skipped');
END;
CREATE TRIGGER verdicts_fixed BEFORE UPDATE ON verdicts BEGIN
  SELECT RAISE(ABORT, 'verdicts is append-only');
END;
CREATE TRIGGER verdicts_kept BEFORE DELETE ON verdicts BEGIN
  SELECT RAISE(ABORT, 'verdicts is append-only');
END;
CREATE TRIGGER verdicts_new BEFORE INSERT ON verdicts
WHEN EXISTS (SELECT 1 FROM verdicts WHERE verdict_id = NEW.verdict_id) BEGIN
  SELECT RAISE(ABORT, 'verdicts is append-only');
END;
CREATE TRIGGER samples_fixed BEFORE UPDATE ON engagement_samples BEGIN
  SELECT RAISE(ABORT, 'engagement_samples is append-only');
END;
-- Old ones are thinned: the last look of each UTC day stays.
CREATE TRIGGER samples_kept BEFORE DELETE ON engagement_samples
WHEN NOT EXISTS (SELECT 1 FROM engagement_samples l WHERE l.publication_id = OLD.publication_id
  AND l.at > OLD.at AND l.at / 86400000000 = OLD.at / 86400000000) BEGIN
  SELECT RAISE(ABORT, 'engagement_samples is append-only: the last look of a day stays');
END;
