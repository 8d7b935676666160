"""The demo: stories of the domain played through the public REST API, as people would."""
