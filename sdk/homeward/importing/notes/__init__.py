"""Notes of the person: Markdown, vaults of Obsidian, Google Keep."""
