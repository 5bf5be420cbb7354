"""
Version 7: the full-text index finds words in every script.

FTS5 parts words by spaces and stems English. What it does not know stands in columns of its own,
which the program fills (`words.forms.index_forms`): stored, since an index of external
content is only cleared of what it was filled with.
"""

STATEMENTS = (
    "ALTER TABLE memory ADD COLUMN forms TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE memory ADD COLUMN context_forms TEXT NOT NULL DEFAULT ''",
    "DROP TRIGGER memory_words_insert",
    "DROP TRIGGER memory_words_delete",
    "DROP TRIGGER memory_words_update",
    "DROP TABLE memory_words",
    "UPDATE memory SET forms = index_forms(text), context_forms = index_forms(context)",
    # Marks belong to the word: vowels in Indic scripts and in Thai are nothing else.
    """CREATE VIRTUAL TABLE memory_words USING fts5(
        text, context, forms, context_forms, content='memory', content_rowid='id',
        tokenize="porter unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
    )""",
    "INSERT INTO memory_words(memory_words, rank) VALUES('secure-delete', 1)",
    "INSERT INTO memory_words(memory_words) VALUES('rebuild')",
    """CREATE TRIGGER memory_words_insert AFTER INSERT ON memory BEGIN
        INSERT INTO memory_words(rowid, text, context, forms, context_forms)
        VALUES(new.id, new.text, new.context, new.forms, new.context_forms);
    END""",
    """CREATE TRIGGER memory_words_delete AFTER DELETE ON memory BEGIN
        INSERT INTO memory_words(memory_words, rowid, text, context, forms, context_forms)
        VALUES('delete', old.id, old.text, old.context, old.forms, old.context_forms);
    END""",
    """CREATE TRIGGER memory_words_update
    AFTER UPDATE OF text, context, forms, context_forms ON memory BEGIN
        INSERT INTO memory_words(memory_words, rowid, text, context, forms, context_forms)
        VALUES('delete', old.id, old.text, old.context, old.forms, old.context_forms);
        INSERT INTO memory_words(rowid, text, context, forms, context_forms)
        VALUES(new.id, new.text, new.context, new.forms, new.context_forms);
    END""",
)
