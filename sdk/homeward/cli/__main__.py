"""`python -m homeward.cli` runs the `homeward` command where its script is not on the path."""

from homeward.cli.app import main

main()
