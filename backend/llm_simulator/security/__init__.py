"""Who may use the service: API tokens, and the addresses and names it answers to."""
