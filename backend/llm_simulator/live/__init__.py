"""What one live client is told: its subscription, its mailbox, its connection."""
