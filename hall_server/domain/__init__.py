"""PURE: the rules of the queue. Takes ``now`` as an argument, does no I/O and no logging."""
