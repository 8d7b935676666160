"""Notifications: messages to accounts and posts, caused by facts; contacts of accounts."""
