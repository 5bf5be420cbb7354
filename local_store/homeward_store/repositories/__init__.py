"""This package has one repository for each kind of record."""
