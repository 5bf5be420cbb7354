"""This package knows languages and spellings: when words are the same, and how they are found."""
