"""A Kubernetes cluster of several nodes on one machine, and what is tried on it (operations.md 7.1)."""
