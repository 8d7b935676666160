"""The one door: REST from the contracts, sign-on, posts, subscriptions, outward integrations."""
