"""What watches the platform: alerts on objectives and on missing signals, and the dashboards."""
