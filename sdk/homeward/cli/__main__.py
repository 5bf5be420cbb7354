"""`python -m homeward.cli`: the `homeward` command where its script is not on the path."""

from homeward.cli.app import main

main()
