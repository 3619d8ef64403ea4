"""The wait forecast in a process of its own: ``worker`` runs there, ``keeper`` in the server."""
