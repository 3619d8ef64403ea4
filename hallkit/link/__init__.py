"""How a device finds and talks to the hall server. The server itself never imports this."""
