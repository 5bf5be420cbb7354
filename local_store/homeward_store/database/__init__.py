"""This package has the encrypted database: connections, pages and migrations."""
