/** `application_id` of a ledger file: "WBLG". */
export const applicationId = 0x57424c47;
/** `user_version` of the tables below. */
export const schemaVersion = 1;

/** What stays for ever: events, tree, keys, and which commands were carried out. */
export const coreSchema = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  position INTEGER PRIMARY KEY, stream_id TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
  leaf BLOB NOT NULL, content TEXT, personal TEXT,
  UNIQUE (stream_id, version)
) STRICT;
CREATE TABLE commands (command_key TEXT PRIMARY KEY, stream_id TEXT NOT NULL, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tiles (level INTEGER NOT NULL, idx INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (level, idx)) STRICT;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL, signed_at TEXT NOT NULL) STRICT;
CREATE TABLE log_keys (incarnation INTEGER PRIMARY KEY, origin TEXT NOT NULL, verifier_key TEXT NOT NULL) STRICT;
`;

/**
 * Projections: dropped and made again whenever this text changes (project-all.ts). Columns are those of the rows in port.ts; further ones
 * (`wait_ref`, `effect_id`, …) are what later events need to find their row. Few indexes, partial where possible:
 * every one is paid for in each commit.
 */
export const projectionSchema = `
CREATE TABLE cases (
  case_id TEXT PRIMARY KEY, status TEXT NOT NULL, outcome TEXT, process TEXT NOT NULL, template TEXT NOT NULL, site TEXT NOT NULL, title TEXT NOT NULL,
  opened_at TEXT NOT NULL, closed_at TEXT, test INTEGER NOT NULL, root_case_id TEXT NOT NULL, parent_case_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_open ON cases(case_id) WHERE status = 'open';
CREATE INDEX cases_site ON cases(site, case_id);
CREATE INDEX cases_title ON cases(title COLLATE NOCASE);
CREATE TABLE case_keys (case_id TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (case_id, type, value)) STRICT, WITHOUT ROWID;
CREATE INDEX case_keys_value ON case_keys(value COLLATE NOCASE);
CREATE TABLE tokens (
  token_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, address TEXT NOT NULL, port INTEGER NOT NULL, wire INTEGER NOT NULL, target TEXT NOT NULL,
  attempt INTEGER NOT NULL, epoch INTEGER NOT NULL, unclean_epochs INTEGER NOT NULL, issued_at TEXT NOT NULL, owner TEXT, lease_until TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_case ON tokens(case_id);
CREATE TABLE steps (
  run_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, address TEXT NOT NULL, node_type TEXT NOT NULL, waiting_on TEXT, wait_ref TEXT,
  epoch INTEGER NOT NULL, unclean_epochs INTEGER NOT NULL, entered_at TEXT NOT NULL, owner TEXT, lease_until TEXT,
  effect_id TEXT, system TEXT, operation TEXT, calls INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX steps_case ON steps(case_id);
CREATE TABLE tasks (
  task_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, run_id TEXT NOT NULL, address TEXT NOT NULL, site TEXT NOT NULL, role TEXT NOT NULL,
  kind TEXT NOT NULL, level INTEGER NOT NULL, status TEXT NOT NULL, quorum INTEGER NOT NULL, approvals INTEGER NOT NULL, created_at TEXT NOT NULL, due_at TEXT, urgent_at TEXT NOT NULL, decided_at TEXT, claimed_by TEXT,
  held_until TEXT, assignee TEXT, matrix_row TEXT, bulk INTEGER NOT NULL, asks_info INTEGER NOT NULL,
  title TEXT NOT NULL, question TEXT NOT NULL, shown TEXT NOT NULL, facts_hash TEXT NOT NULL, photos INTEGER, also_role TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_open ON tasks(urgent_at, created_at, task_id, role, site, also_role, assignee) WHERE status = 'open';
CREATE INDEX tasks_status ON tasks(status, created_at, task_id, role, site, also_role, assignee);
CREATE INDEX tasks_case ON tasks(case_id);
CREATE TABLE timers (
  case_id TEXT NOT NULL, timer_id TEXT NOT NULL, run_id TEXT NOT NULL, due_at TEXT NOT NULL, kind TEXT NOT NULL, ref TEXT NOT NULL, address TEXT, owner TEXT, lease_until TEXT,
  PRIMARY KEY (case_id, timer_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_due ON timers(due_at, timer_id);
CREATE INDEX timers_address ON timers(address, due_at) WHERE address IS NOT NULL;
CREATE TABLE exceptions (
  exception_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, class TEXT NOT NULL, severity TEXT NOT NULL, queue TEXT NOT NULL, status TEXT NOT NULL,
  run_id TEXT, token_id TEXT, effect_id TEXT, address TEXT, system TEXT, code TEXT NOT NULL, message TEXT NOT NULL, site TEXT NOT NULL,
  raised_at TEXT NOT NULL, resolved_at TEXT, resolution TEXT, outcome TEXT, assignee TEXT,
  priority INTEGER NOT NULL, category TEXT, amount TEXT, currency TEXT, due_at TEXT, urgent_at TEXT NOT NULL, resolutions TEXT, merged_into TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX exceptions_urgent ON exceptions(urgent_at, raised_at, exception_id) WHERE status = 'open';
CREATE INDEX exceptions_merged ON exceptions(merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX exceptions_status ON exceptions(status, raised_at, exception_id);
CREATE INDEX exceptions_case ON exceptions(case_id);
CREATE TABLE exception_links (exception_id TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (exception_id, other)) STRICT, WITHOUT ROWID;
CREATE TABLE attachments (
  attachment_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, site TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, sha256 TEXT NOT NULL,
  bytes INTEGER NOT NULL, mime TEXT NOT NULL, caption TEXT, attached_at TEXT NOT NULL, attached_by TEXT NOT NULL, erased INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_sha256 ON attachments(sha256);
CREATE INDEX attachments_case ON attachments(case_id);
CREATE TABLE dead_letters (
  dead_letter_id TEXT PRIMARY KEY, kind TEXT NOT NULL, case_id TEXT NOT NULL, run_id TEXT NOT NULL, effect_id TEXT, token_id TEXT, address TEXT NOT NULL, system TEXT NOT NULL,
  operation TEXT NOT NULL, site TEXT NOT NULL, reason TEXT NOT NULL, calls INTEGER NOT NULL, dead_at TEXT NOT NULL, status TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letters_status ON dead_letters(status, dead_at, dead_letter_id);
CREATE INDEX dead_letters_case ON dead_letters(case_id);
CREATE TABLE reservations (
  scope TEXT NOT NULL, key_hash TEXT NOT NULL, holder TEXT NOT NULL, version INTEGER NOT NULL, total TEXT, PRIMARY KEY (scope, key_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE accumulated (
  scope TEXT NOT NULL, key_hash TEXT NOT NULL, claim_id TEXT NOT NULL, case_id TEXT NOT NULL, amount TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (scope, key_hash, claim_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE ladders (
  ladder_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, site TEXT NOT NULL, address TEXT NOT NULL, subject_kind TEXT NOT NULL, subject_id TEXT NOT NULL, until TEXT,
  rung INTEGER NOT NULL, rungs INTEGER NOT NULL, action TEXT NOT NULL, due_at TEXT, status TEXT NOT NULL, started_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ladders_case ON ladders(case_id);
CREATE INDEX ladders_subject ON ladders(subject_id);
CREATE INDEX ladders_address ON ladders(address);
CREATE TABLE waits (
  run_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, site TEXT NOT NULL, name TEXT NOT NULL, key_hash TEXT NOT NULL, since TEXT NOT NULL, due_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX waits_key ON waits(key_hash, site, name, since, run_id);
CREATE INDEX waits_case ON waits(case_id);
CREATE TABLE signals (
  signal_id TEXT PRIMARY KEY, name TEXT NOT NULL, key_hash TEXT NOT NULL, key TEXT NOT NULL, site TEXT NOT NULL, received_at TEXT NOT NULL, expires_at TEXT NOT NULL,
  broadcast INTEGER NOT NULL, status TEXT NOT NULL, taken INTEGER NOT NULL, case_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX signals_kept ON signals(key_hash, site, name, received_at, signal_id) WHERE status = 'kept';
CREATE INDEX signals_status ON signals(status, received_at, signal_id, site);
CREATE TABLE quarantine (
  quarantine_id TEXT PRIMARY KEY, reason TEXT NOT NULL, message TEXT NOT NULL, received_at TEXT NOT NULL, site TEXT NOT NULL, device_id TEXT, topic TEXT,
  bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, head TEXT NOT NULL, status TEXT NOT NULL, case_id TEXT, resolved_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_status ON quarantine(status, received_at, quarantine_id, site);
CREATE TABLE replay_batches (
  batch_id TEXT PRIMARY KEY, started_by TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT, status TEXT NOT NULL, total INTEGER NOT NULL, rate REAL NOT NULL,
  when_open TEXT NOT NULL, edited INTEGER NOT NULL, sites TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE replay_items (
  batch_id TEXT NOT NULL, dead_letter_id TEXT NOT NULL, status TEXT NOT NULL, code TEXT, next_id TEXT, told_at TEXT, PRIMARY KEY (batch_id, dead_letter_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE circuits (
  system TEXT PRIMARY KEY, state TEXT NOT NULL, since TEXT NOT NULL, until TEXT, failures INTEGER NOT NULL, manual INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE delegations (
  delegation_id TEXT PRIMARY KEY, from_person TEXT NOT NULL, to_person TEXT NOT NULL, roles TEXT NOT NULL, sites TEXT NOT NULL,
  from_time TEXT NOT NULL, to_time TEXT NOT NULL, granted_at TEXT NOT NULL, ended_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX delegations_to ON delegations(to_person, to_time) WHERE ended_at IS NULL;
CREATE TABLE devices (
  site TEXT NOT NULL, device_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, station TEXT, certificate TEXT, silent_after INTEGER, state TEXT NOT NULL, verifier TEXT,
  clock TEXT NOT NULL, skew_seconds INTEGER NOT NULL, registered_at TEXT NOT NULL, registered_by TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (site, device_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE device_watches (
  site TEXT PRIMARY KEY, minutes INTEGER NOT NULL, per TEXT NOT NULL, calendar TEXT NOT NULL, role TEXT NOT NULL, version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE device_silences (
  site TEXT NOT NULL, subject TEXT NOT NULL, subject_id TEXT NOT NULL, alarm_id TEXT, since TEXT NOT NULL, minutes INTEGER NOT NULL, raised_at TEXT NOT NULL, version INTEGER NOT NULL,
  PRIMARY KEY (site, subject, subject_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE changes (
  change_id TEXT PRIMARY KEY, kind TEXT NOT NULL, status TEXT NOT NULL, site TEXT NOT NULL, family TEXT NOT NULL, template TEXT, rule TEXT, title TEXT NOT NULL,
  requested_by TEXT NOT NULL, requested_at TEXT NOT NULL, until TEXT, quorum INTEGER NOT NULL, decided_at TEXT, version TEXT, expires_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_open ON changes(change_id) WHERE status IN ('requested', 'in-review');
CREATE TABLE waivers (
  waiver_id TEXT PRIMARY KEY, status TEXT NOT NULL, rule TEXT NOT NULL, site TEXT NOT NULL, sites TEXT NOT NULL, template TEXT, fingerprints TEXT NOT NULL, reason TEXT NOT NULL,
  granted_at TEXT NOT NULL, expires_at TEXT NOT NULL, change_id TEXT, ended_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX waivers_expiry ON waivers(status, expires_at, waiver_id);
CREATE TABLE handover_notes (
  note_id TEXT PRIMARY KEY, site TEXT NOT NULL, text TEXT NOT NULL, author TEXT NOT NULL, noted_at TEXT NOT NULL, status TEXT NOT NULL, settled_at TEXT, settled_by TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_notes_status ON handover_notes(status, noted_at, note_id, site);
CREATE TABLE epochs (epoch INTEGER PRIMARY KEY, incarnation INTEGER NOT NULL, started_at TEXT NOT NULL, clean INTEGER NOT NULL, ended_at TEXT) STRICT;
CREATE TABLE incarnations (incarnation INTEGER PRIMARY KEY, started_at TEXT NOT NULL, known_size INTEGER NOT NULL, found_size INTEGER NOT NULL) STRICT;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
