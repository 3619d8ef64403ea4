"""The self-service kiosk: one touch screen where a visitor takes a number."""
