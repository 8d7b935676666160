"""The services of the platform, one folder each; a folder with `service.py` is a service."""
