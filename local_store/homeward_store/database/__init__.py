"""The encrypted database: connections, pages, migrations."""
