"""What was found: one set of result types, and how they are filled."""
