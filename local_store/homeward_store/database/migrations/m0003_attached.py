"""Version 3: which files were attached to a question, by name. What was in them is not kept."""

STATEMENTS = (
    # JSON: an array of strings, in the order in which they were attached.
    ("ALTER TABLE turn ADD COLUMN attached TEXT NOT NULL DEFAULT '[]' CHECK(json_valid(attached))"),
)
