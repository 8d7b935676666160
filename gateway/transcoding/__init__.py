"""REST from the contracts: JSON → message → field rules → gRPC, and back.

Read `operation.Operation.answer` to follow a call; `routes.api_routes` is what is mounted.
"""
