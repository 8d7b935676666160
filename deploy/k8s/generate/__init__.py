"""Writes every manifest that names a service, from the folders under `services/` and what they declare."""
