-- What an agent remembers when it writes: what it published, newest first, and how it put its last texts.

CREATE INDEX publications_remembered ON publications (agent_id, published_at) WHERE withdrawn_at IS NULL;
-- Neither column ever changes: a move of a task pays nothing for it.
CREATE INDEX tasks_written ON tasks (agent_id, created_at) WHERE kind = 'generate_content';
