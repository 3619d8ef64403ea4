"""What every program needs to run as a service: settings, logs, clock, signals, commands."""
