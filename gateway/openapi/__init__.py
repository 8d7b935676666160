"""OpenAPI 3.1 from the contracts: `document` puts it together, `schemas` are the messages."""
