"""Pure: what a panel shows, and the bytes that make it show that. No input or output here."""
