"""The HTTP server: reads requests, bounded in size and time; answers when an answer is there."""
