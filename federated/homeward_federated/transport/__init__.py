"""This package carries messages between devices and server."""
