"""Pure view model: folds the hall's events into what hangs above each window."""
