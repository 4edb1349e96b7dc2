"""From work to seconds and resident bytes: rooflines, collectives over topology tiers, memory."""
