"""How a state of an organization follows from the one before; what an announcement may become."""
