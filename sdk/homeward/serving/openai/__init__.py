"""This package has the part of OpenAI's HTTP interface that a local assistant can answer."""
