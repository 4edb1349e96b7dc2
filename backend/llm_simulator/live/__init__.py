"""What one live client is told: its subscription, its send queue, its connection."""
