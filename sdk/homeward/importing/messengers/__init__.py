"""Chats with other people: whose words a message is, its writer says."""
