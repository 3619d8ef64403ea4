"""The kiosk's worker threads: the hall's state, numbers, paper. They speak through the bridge."""
