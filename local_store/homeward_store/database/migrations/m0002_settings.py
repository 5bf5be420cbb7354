"""
Version 2: what the person decided (settings), what a reply was denied, what was imported before.

`imported` outlives what it stands for: what was forgotten does not come back with the next import
of the same file. Its digests are keyed: `homeward_store.repositories.import_log` says how.
"""

STATEMENTS = (
    """CREATE TABLE setting(
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL CHECK(json_valid(value))
    ) STRICT, WITHOUT ROWID""",
    # `item` is NULL where a rule withheld everything of a kind.
    """CREATE TABLE turn_withheld(
        turn INTEGER NOT NULL REFERENCES turn(id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK(kind IN ('attribute', 'memory')),
        item INTEGER,
        rule TEXT NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY(turn, place)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX turn_withheld_item ON turn_withheld(kind, item)",
    """CREATE TABLE imported(
        digest BLOB PRIMARY KEY CHECK(length(digest) = 32),
        at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
)
