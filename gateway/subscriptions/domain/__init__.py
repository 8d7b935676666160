"""Rules of subscriptions: what is public, who subscribes where to, when the next attempt is due."""
