"""This package has one module for each command or group of commands."""
