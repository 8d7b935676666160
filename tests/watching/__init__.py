"""Alerts and dashboards: tried by Prometheus' own tool, held against the metrics that the code has."""
