"""Which messages a fact causes, and what a contact may become."""
