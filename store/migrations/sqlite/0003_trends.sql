-- What was perceived, once for each item however many campaigns listen: what trends are found in.
CREATE TABLE sightings (
  resource_id BLOB NOT NULL REFERENCES resources (resource_id),
  item_key TEXT NOT NULL,
  title TEXT NOT NULL,
  source TEXT NOT NULL,
  -- When it was published, where that is known and not later than it was seen; else when it was seen.
  at INTEGER NOT NULL,
  trend_id BLOB REFERENCES trends (trend_id),
  PRIMARY KEY (resource_id, item_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_newest ON sightings (at);
CREATE INDEX sightings_of ON sightings (trend_id, at) WHERE trend_id IS NOT NULL;

-- Clusters that grew fast enough to be put before a person.
CREATE TABLE trends (
  trend_id BLOB PRIMARY KEY CHECK (length(trend_id) = 16),
  version INTEGER NOT NULL CHECK (version >= 1),
  state TEXT NOT NULL,
  title TEXT NOT NULL,
  words TEXT NOT NULL CHECK (json_valid(words)),
  standing TEXT NOT NULL CHECK (json_valid(standing)),
  method TEXT NOT NULL,
  -- Of the standing, to order by.
  per_hour INTEGER NOT NULL CHECK (per_hour >= 0),
  volume INTEGER NOT NULL CHECK (volume >= 0),
  last_at INTEGER NOT NULL,
  search TEXT NOT NULL,
  snoozed_until INTEGER,
  mute_id BLOB REFERENCES muted_topics (mute_id),
  found_at INTEGER NOT NULL,
  measured_at INTEGER NOT NULL,
  moved_at INTEGER NOT NULL,
  moved_by TEXT NOT NULL,
  CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL)),
  CHECK ((state = 'muted') = (mute_id IS NOT NULL))
) STRICT;
CREATE INDEX trends_waiting ON trends (per_hour) WHERE state IN ('open', 'snoozed');
CREATE INDEX trends_last ON trends (last_at);
CREATE INDEX trends_muted ON trends (mute_id) WHERE mute_id IS NOT NULL;
CREATE TABLE trend_transitions (from_state TEXT NOT NULL, to_state TEXT NOT NULL, PRIMARY KEY (from_state, to_state)) STRICT, WITHOUT ROWID;
CREATE TRIGGER trends_move BEFORE UPDATE OF state ON trends
WHEN NEW.state <> OLD.state BEGIN
  SELECT RAISE(ABORT, 'illegal transition of a trend')
  WHERE NOT EXISTS (SELECT 1 FROM trend_transitions WHERE from_state = OLD.state AND to_state = NEW.state);
  SELECT RAISE(ABORT, 'a trend moved without a new version') WHERE NEW.version <= OLD.version;
END;
CREATE TRIGGER trends_start BEFORE INSERT ON trends
WHEN NEW.state <> 'open' BEGIN
  SELECT RAISE(ABORT, 'a trend cannot start in this state');
END;

-- Topics that somebody wants to hear no more of. A line is never changed but to be taken back: decisions name it.
CREATE TABLE muted_topics (
  mute_id BLOB PRIMARY KEY CHECK (length(mute_id) = 16),
  agent_id BLOB REFERENCES agents (agent_id),
  words TEXT NOT NULL CHECK (length(words) BETWEEN 1 AND 120),
  until INTEGER,
  made_by TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  lifted_by TEXT,
  lifted_at INTEGER,
  CHECK ((lifted_by IS NULL) = (lifted_at IS NULL))
) STRICT;
CREATE INDEX muted_topics_made ON muted_topics (made_at);
CREATE TRIGGER muted_topics_fixed BEFORE UPDATE ON muted_topics
WHEN OLD.lifted_at IS NOT NULL OR NEW.mute_id <> OLD.mute_id OR NEW.agent_id IS NOT OLD.agent_id OR NEW.words <> OLD.words
  OR NEW.until IS NOT OLD.until OR NEW.made_by <> OLD.made_by OR NEW.made_at <> OLD.made_at BEGIN
  SELECT RAISE(ABORT, 'a mute is never changed but to be taken back');
END;
CREATE TRIGGER muted_topics_stay BEFORE DELETE ON muted_topics BEGIN
  SELECT RAISE(ABORT, 'a mute is never changed but to be taken back');
END;
