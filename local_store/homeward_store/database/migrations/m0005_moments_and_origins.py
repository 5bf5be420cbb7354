"""
Version 5: the moment of a conversation, and whose words a chosen reply was made of.

Of one name, each audience and each purpose has its own conversation. Those from before were
private.
"""

STATEMENTS = (
    # SQLite cannot widen a UNIQUE. Turns point here: the rows are back before the commit looks.
    "PRAGMA defer_foreign_keys = ON",
    "CREATE TABLE conversation_before AS SELECT id, name FROM conversation",
    "DROP TABLE conversation",
    """CREATE TABLE conversation(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        audience TEXT NOT NULL DEFAULT 'private',
        purpose TEXT NOT NULL DEFAULT 'chat',
        UNIQUE(name, audience, purpose)
    ) STRICT""",
    "INSERT INTO conversation(id, name) SELECT id, name FROM conversation_before",
    "DROP TABLE conversation_before",
    "ALTER TABLE choice ADD COLUMN origin TEXT NOT NULL DEFAULT 'person'",
)
