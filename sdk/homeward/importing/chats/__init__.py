"""Chats that ChatGPT and Claude export, read from JSON in bounded memory."""
