"""
Version 4: what a reply was built on beyond memories: earlier exchanges, choices, learned state.

`learned` names states that made replies, with how many records of each kind taught them. Its
`sha256` is NULL once one of them was forgotten. What taught it is kept as runs of ids: a taste is
learned from nearly all choices, and anew with each.
"""

STATEMENTS = (
    # SQLite cannot widen a CHECK.
    """CREATE TABLE turn_used_anew(
        turn INTEGER NOT NULL REFERENCES turn(id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK(kind IN ('attribute', 'memory', 'turn', 'choice')),
        used INTEGER NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY(turn, place)
    ) STRICT, WITHOUT ROWID""",
    (
        "INSERT INTO turn_used_anew(turn, kind, used, place)"
        " SELECT turn, kind, used, place FROM turn_used"
    ),
    "DROP TABLE turn_used",
    "ALTER TABLE turn_used_anew RENAME TO turn_used",
    "CREATE INDEX turn_used_by ON turn_used(kind, used)",
    """CREATE TABLE learned(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK(kind IN ('style', 'taste')),
        sha256 TEXT UNIQUE CHECK(sha256 IS NULL OR length(sha256) = 64),
        counts TEXT NOT NULL CHECK(json_valid(counts)),
        prior TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE learned_from(
        learned INTEGER NOT NULL REFERENCES learned(id) ON DELETE CASCADE,
        source_kind TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL CHECK(last >= first),
        PRIMARY KEY(learned, source_kind, first)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE turn_learned(
        turn INTEGER NOT NULL REFERENCES turn(id) ON DELETE CASCADE,
        place INTEGER NOT NULL,
        learned INTEGER NOT NULL REFERENCES learned(id),
        draft INTEGER,
        drafts INTEGER,
        probability REAL,
        PRIMARY KEY(turn, place)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX turn_learned_by ON turn_learned(learned)",
)
