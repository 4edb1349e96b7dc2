"""Many plans at once: evaluate, filter, rank; infeasible plans keep their reason."""
