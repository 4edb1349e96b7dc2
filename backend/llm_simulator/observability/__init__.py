"""What operators see: logs, metrics, traces. Nothing else depends on any of them."""
