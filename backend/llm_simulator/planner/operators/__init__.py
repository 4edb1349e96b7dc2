"""The work of one operator on one rank: FLOPs, bytes and messages. Knows no time."""
