-- Portable between SQLite and PostgreSQL; what stands in /*sqlite: … */ is for the former alone.
-- Numbers, not texts, link rows: 0 is "none". Every number is given out by us, inside the one writing transaction.

CREATE TABLE run (
    number INTEGER PRIMARY KEY,             -- in the order of recording
    id TEXT NOT NULL,
    digest BYTEA NOT NULL UNIQUE,           -- of the id, which may be of any length
    placed DOUBLE PRECISION NOT NULL,       -- its place in time: `started`, but never before what an honest clock allows
    started DOUBLE PRECISION NOT NULL,
    ended DOUBLE PRECISION,
    source TEXT NOT NULL,
    command TEXT NOT NULL,
    commit_hash TEXT NOT NULL,
    branch TEXT NOT NULL,
    dirty SMALLINT NOT NULL,
    configuration TEXT NOT NULL,
    host TEXT NOT NULL,
    exit_code INTEGER,
    outage TEXT NOT NULL,                   -- why its results are no trials; empty: they are
    results INTEGER NOT NULL,               -- these sums outlive the results
    reds INTEGER NOT NULL,
    cached INTEGER NOT NULL
);
CREATE INDEX run_placed ON run (placed, number);

-- Keys, signatures, nodes, files, workers, seeds: each text once.
CREATE TABLE word (
    number INTEGER PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    word TEXT NOT NULL
);

-- Who a case is. A renamed case keeps its number; `alias` sends the old name to it.
CREATE TABLE test (
    number INTEGER PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    label_digest BYTEA NOT NULL,
    label TEXT NOT NULL,
    classname TEXT NOT NULL,
    name TEXT NOT NULL,
    parameters TEXT NOT NULL
);
CREATE TABLE alias (
    digest BYTEA PRIMARY KEY,
    test INTEGER NOT NULL
);

-- What went wrong, each text once.
CREATE TABLE failure (
    number INTEGER PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    message TEXT NOT NULL,
    detail TEXT NOT NULL,
    signature INTEGER NOT NULL              -- word
);

CREATE TABLE result (
    run INTEGER NOT NULL,
    test INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,               -- of this case in this run, in the order of the report
    outcome SMALLINT NOT NULL,              -- 0 passed, 1 failed, 2 error, 3 timeout, 4 skipped, 5 xfailed
    seconds DOUBLE PRECISION NOT NULL,
    started DOUBLE PRECISION NOT NULL,
    attempt INTEGER NOT NULL,
    run_number INTEGER NOT NULL,
    shard INTEGER NOT NULL,
    cached SMALLINT NOT NULL,
    quarantined SMALLINT NOT NULL,
    input_key INTEGER NOT NULL,             -- word
    key_kind SMALLINT NOT NULL,             -- 0 unknown, 1 action, 2 commit
    failure INTEGER NOT NULL,
    node INTEGER NOT NULL,                  -- word
    file INTEGER NOT NULL,                  -- word
    line INTEGER NOT NULL,
    worker INTEGER NOT NULL,                -- word
    seed INTEGER NOT NULL,                  -- word
    PRIMARY KEY (run, test, ordinal)
) /*sqlite: WITHOUT ROWID */;

-- What each case did on each input key, over executed attempts: 1 passed, 2 failed, 3 both, which proves a flake.
CREATE TABLE key_outcome (
    input_key INTEGER NOT NULL,             -- word
    test INTEGER NOT NULL,
    seen SMALLINT NOT NULL,
    PRIMARY KEY (input_key, test)
) /*sqlite: WITHOUT ROWID */;

-- All that statistics need of a case, in bounded size, kept up in the transaction that records a run.
CREATE TABLE standing (
    test INTEGER PRIMARY KEY,
    trials INTEGER NOT NULL,
    reds INTEGER NOT NULL,
    contradictions INTEGER NOT NULL,
    contradiction INTEGER NOT NULL,         -- word: the newest key with both outcomes
    first_seen DOUBLE PRECISION NOT NULL,   -- `placed` of its first and newest run
    last_seen DOUBLE PRECISION NOT NULL,
    last SMALLINT NOT NULL,                 -- outcome
    seconds DOUBLE PRECISION NOT NULL,      -- sum over the trials
    node INTEGER NOT NULL,                  -- word
    streaks INTEGER NOT NULL,               -- how often it turned red
    lone INTEGER NOT NULL,                  -- rows of one red trial between green ones
    greens INTEGER NOT NULL,                -- since the newest red trial
    recent BYTEA NOT NULL                   -- the newest trials; recent.py reads it
);
CREATE INDEX standing_red ON standing (test) WHERE reds > 0;
CREATE INDEX test_label ON test (label_digest);
