"""The line to a printer: links, status bytes, confirmation."""
