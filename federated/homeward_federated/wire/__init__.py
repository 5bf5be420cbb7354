"""This package defines the versioned bytes on the wire."""
