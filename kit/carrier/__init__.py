"""Unary calls carried together on one kept stream between the gateway and a workload.

A unary call of grpc.aio costs both ends about a millisecond; a message on an open stream does
not. Rooms and contracts know nothing of it: a carried call passes the same door as any other.
"""
