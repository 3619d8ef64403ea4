"""A4 papers: what the hall prints to be kept, as PDF."""
