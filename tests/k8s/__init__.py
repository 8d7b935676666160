"""The manifests: rendered, held against schemas, and against what this project demands of them."""
