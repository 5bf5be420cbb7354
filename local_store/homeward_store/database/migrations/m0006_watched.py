"""
Version 6: the folders that are watched, and what was taken from which of their files.

`watched_item` names by their marks (`homeward_store.repositories.import_log`) the items that a file
ever held; `watched_record` says what became of an item that was taken in while watching.
"""

STATEMENTS = (
    """CREATE TABLE watched_folder(
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,
        since INTEGER NOT NULL,
        origin TEXT NOT NULL,
        i_am TEXT,
        forgets INTEGER NOT NULL CHECK(forgets IN (0, 1)),
        looked_at INTEGER
    ) STRICT""",
    """CREATE TABLE watched_file(
        id INTEGER PRIMARY KEY,
        folder INTEGER NOT NULL REFERENCES watched_folder(id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        size INTEGER NOT NULL,
        changed_at INTEGER NOT NULL,
        left_out INTEGER NOT NULL,
        why TEXT,
        UNIQUE(folder, name)
    ) STRICT""",
    """CREATE TABLE watched_item(
        file INTEGER NOT NULL REFERENCES watched_file(id) ON DELETE CASCADE,
        mark BLOB NOT NULL CHECK(length(mark) = 32),
        PRIMARY KEY(file, mark)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX watched_item_mark ON watched_item(mark)",
    """CREATE TABLE watched_record(
        mark BLOB PRIMARY KEY CHECK(length(mark) = 32),
        kind TEXT NOT NULL CHECK(kind IN ('turn', 'writing')),
        record INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
)
