-- Inputs of actions, to tell why one was not cached. tools/runs/inputs/store.py reads and writes them.

-- What an action had, and when it was last seen with it: the newest few of each.
CREATE TABLE input (
    action BYTEA NOT NULL,                  -- digest of who it is over all runs
    manifest BYTEA NOT NULL,                -- its inputs key
    label TEXT NOT NULL,                    -- of tests only
    shard INTEGER NOT NULL,
    seen DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (action, manifest)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX input_seen ON input (seen);
CREATE INDEX input_label ON input (label, shard) WHERE label <> '';

-- Arguments, environment, platform and files, compressed; each once.
CREATE TABLE input_manifest (
    digest BYTEA PRIMARY KEY,
    content BYTEA NOT NULL
);

-- Files of a folder, compressed; each folder once, and which manifests name it.
CREATE TABLE input_folder (
    digest BYTEA PRIMARY KEY,
    content BYTEA NOT NULL
);
CREATE TABLE input_part (
    manifest BYTEA NOT NULL,
    folder BYTEA NOT NULL,
    PRIMARY KEY (manifest, folder)
) /*sqlite: WITHOUT ROWID */;
