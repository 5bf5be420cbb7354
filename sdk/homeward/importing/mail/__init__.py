"""Mails of a mailbox: what their writers wrote, in any charset and form."""
