"""Calendars and contacts: events and people, each worded as a sentence or two."""
