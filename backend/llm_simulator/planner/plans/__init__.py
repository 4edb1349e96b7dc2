"""How a model is spread over chips: the table of plans, the legal ones, and where ranks sit."""
