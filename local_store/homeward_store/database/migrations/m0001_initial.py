"""
Version 1: the person's data, what is derived from it, and the ledgers.

Times are microseconds since 1970, UTC. Ids are AUTOINCREMENT, so that a link or a receipt never
comes to name a newer record. Tables of the person's data are erased by plan (see `forgetting`);
what hangs on exactly one row goes with it by cascade.
"""

_PROFILE = (
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID",
    (
        "CREATE TABLE conversation(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE)"
        " STRICT"
    ),
)

_GIVEN = (
    """CREATE TABLE attribute(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        value TEXT NOT NULL CHECK(json_valid(value)),
        origin TEXT NOT NULL,
        learned_at INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        valid_until INTEGER,
        superseded_by INTEGER
    ) STRICT""",
    "CREATE UNIQUE INDEX attribute_current ON attribute(key) WHERE superseded_by IS NULL",
    "CREATE INDEX attribute_history ON attribute(key, id)",
    """CREATE TABLE attribute_tag(
        tag TEXT NOT NULL,
        attribute INTEGER NOT NULL REFERENCES attribute(id) ON DELETE CASCADE,
        PRIMARY KEY(attribute, tag)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE turn(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        conversation INTEGER NOT NULL REFERENCES conversation(id),
        asked TEXT NOT NULL,
        replied TEXT NOT NULL DEFAULT '',
        complete INTEGER NOT NULL DEFAULT 0 CHECK(complete IN (0, 1)),
        model TEXT NOT NULL,
        asked_at INTEGER NOT NULL,
        replied_at INTEGER
    ) STRICT""",
    "CREATE INDEX turn_conversation ON turn(conversation, id)",
    "CREATE INDEX turn_asked_at ON turn(asked_at)",
    """CREATE TABLE turn_used(
        turn INTEGER NOT NULL REFERENCES turn(id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK(kind IN ('attribute', 'memory')),
        used INTEGER NOT NULL,
        place INTEGER NOT NULL,
        PRIMARY KEY(turn, place)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX turn_used_by ON turn_used(kind, used)",
    """CREATE TABLE writing(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        text TEXT NOT NULL,
        title TEXT,
        origin TEXT NOT NULL,
        written_at INTEGER,
        added_at INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE choice(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        prompt TEXT NOT NULL,
        chosen TEXT NOT NULL,
        rejected TEXT NOT NULL CHECK(chosen <> rejected),
        source TEXT NOT NULL,
        turn INTEGER REFERENCES turn(id) ON DELETE CASCADE,
        chosen_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX choice_turn ON choice(turn) WHERE turn IS NOT NULL",
    """CREATE TABLE note(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        text TEXT NOT NULL,
        noted_at INTEGER NOT NULL
    ) STRICT""",
)

_MEMORIES = (
    """CREATE TABLE memory(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        text TEXT NOT NULL,
        context TEXT NOT NULL DEFAULT '',
        source_kind TEXT NOT NULL,
        source_id INTEGER NOT NULL,
        source_start INTEGER NOT NULL,
        source_end INTEGER NOT NULL,
        context_kind TEXT,
        context_id INTEGER,
        context_start INTEGER,
        context_end INTEGER,
        origin TEXT NOT NULL,
        said_at INTEGER NOT NULL,
        learned_at INTEGER NOT NULL,
        valid_from INTEGER NOT NULL,
        valid_until INTEGER,
        superseded_by INTEGER
    ) STRICT""",
    "CREATE INDEX memory_source ON memory(source_kind, source_id)",
    (
        "CREATE INDEX memory_context ON memory(context_kind, context_id)"
        " WHERE context_kind IS NOT NULL"
    ),
    "CREATE INDEX memory_said_at ON memory(said_at)",
    """CREATE TABLE memory_tag(
        tag TEXT NOT NULL,
        memory INTEGER NOT NULL REFERENCES memory(id) ON DELETE CASCADE,
        PRIMARY KEY(memory, tag)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX memory_tagged ON memory_tag(tag, memory)",
    # External content: the text is stored once. Porter stemming, and accents do not matter.
    """CREATE VIRTUAL TABLE memory_words USING fts5(
        text, context, content='memory', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2'
    )""",
    # Without it, deleted words stay readable in the index until segments happen to merge.
    "INSERT INTO memory_words(memory_words, rank) VALUES('secure-delete', 1)",
    """CREATE TRIGGER memory_words_insert AFTER INSERT ON memory BEGIN
        INSERT INTO memory_words(rowid, text, context) VALUES(new.id, new.text, new.context);
    END""",
    """CREATE TRIGGER memory_words_delete AFTER DELETE ON memory BEGIN
        INSERT INTO memory_words(memory_words, rowid, text, context)
        VALUES('delete', old.id, old.text, old.context);
    END""",
    """CREATE TRIGGER memory_words_update AFTER UPDATE OF text, context ON memory BEGIN
        INSERT INTO memory_words(memory_words, rowid, text, context)
        VALUES('delete', old.id, old.text, old.context);
        INSERT INTO memory_words(rowid, text, context) VALUES(new.id, new.text, new.context);
    END""",
    """CREATE TABLE space(
        id INTEGER PRIMARY KEY,
        encoder_sha256 TEXT NOT NULL CHECK(length(encoder_sha256) = 64),
        dims INTEGER NOT NULL CHECK(dims BETWEEN 1 AND 8192),
        UNIQUE(encoder_sha256, dims)
    ) STRICT""",
    # The codes are scanned whole into memory; the exact vectors are fetched for a few rows only.
    # Two tables, so that the scan does not have to read past the exact ones.
    """CREATE TABLE embedding(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        space INTEGER NOT NULL REFERENCES space(id),
        memory INTEGER NOT NULL REFERENCES memory(id) ON DELETE CASCADE,
        scale REAL NOT NULL,
        codes BLOB NOT NULL,
        UNIQUE(memory, space)
    ) STRICT""",
    """CREATE TABLE embedding_exact(
        id INTEGER PRIMARY KEY REFERENCES embedding(id) ON DELETE CASCADE,
        vector BLOB NOT NULL
    ) STRICT""",
)

_DERIVED = (
    # file_key is NULL once the bytes were shredded because a source was forgotten.
    """CREATE TABLE blob(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL,
        cache_key BLOB NOT NULL,
        file_name TEXT,
        file_key BLOB CHECK(file_key IS NULL OR length(file_key) = 32),
        size INTEGER NOT NULL,
        put_at INTEGER NOT NULL,
        UNIQUE(kind, cache_key)
    ) STRICT""",
    """CREATE TABLE derived_from(
        blob INTEGER NOT NULL REFERENCES blob(id) ON DELETE CASCADE,
        source_kind TEXT NOT NULL,
        source_id INTEGER NOT NULL,
        PRIMARY KEY(source_kind, source_id, blob)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX derived_by_blob ON derived_from(blob)",
)

_LEDGERS = (
    # One chain for every promise that must not be taken back unseen: consent, spending, erasure.
    """CREATE TABLE ledger(
        sequence INTEGER PRIMARY KEY CHECK(sequence > 0),
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL CHECK(json_valid(body)),
        mac BLOB NOT NULL CHECK(length(mac) = 32)
    ) STRICT""",
    "CREATE INDEX ledger_kind ON ledger(kind, sequence)",
    (
        "CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger"
        " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    ),
    (
        "CREATE TRIGGER ledger_is_not_shortened BEFORE DELETE ON ledger"
        " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    ),
    # Erasures that have been committed but not yet proved: finished when the profile next opens.
    """CREATE TABLE receipt(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        body TEXT NOT NULL CHECK(json_valid(body)),
        complete INTEGER NOT NULL CHECK(complete IN (0, 1)),
        signature BLOB
    ) STRICT""",
)

STATEMENTS = (*_PROFILE, *_GIVEN, *_MEMORIES, *_DERIVED, *_LEDGERS)
