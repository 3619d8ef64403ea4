"""PURE: what travels between the programs. Frozen messages, identifiers, error bodies."""
