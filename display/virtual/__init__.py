"""Virtual panels: answer as the real ones do, and draw what they show."""
