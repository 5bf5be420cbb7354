"""Turns stored times, which are UTC, into those of the person's own clock."""

from datetime import datetime


def local_time(at: datetime) -> datetime:
    """Return `at` in this machine's time zone; as it is at the ends of the calendar."""
    try:
        return at.astimezone()
    except OverflowError:  # the year 1 or 9999, moved over its edge by the zone's hours
        return at
