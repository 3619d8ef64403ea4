"""The command lines of ``hall printer`` and its tools."""
