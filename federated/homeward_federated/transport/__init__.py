"""Carriers of messages between devices and server."""
