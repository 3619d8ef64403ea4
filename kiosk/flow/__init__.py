"""PURE: what the kiosk shows and does next. No drawing, no network, no clock of its own."""
