"""What is stored, as users see it: read, listed, compared, labelled, and removed when it is old."""
