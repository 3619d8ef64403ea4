"""The shared kernel of the hall's programs: wire messages, device link, runtime."""
