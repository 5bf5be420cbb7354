"""The `homeward` command talks to a person at a terminal; the rules are in other packages."""
