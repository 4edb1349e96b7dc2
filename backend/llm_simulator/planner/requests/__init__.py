"""What was asked: parsing, the frozen request, sweep axes."""
