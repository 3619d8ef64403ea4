"""What several tests use to look at results."""
