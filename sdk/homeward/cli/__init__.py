"""The `homeward` command: talks to a person at a terminal. Knows no rule of its own."""
