"""The loopback HTTP address where kiosks hand in jobs."""
