"""This package has the part of Anthropic's HTTP interface that a local assistant can answer."""
