"""Rows of the feed, of subscriptions and of what is on its way to departments."""
