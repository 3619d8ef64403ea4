"""HTTP, version 1: what devices and pages ask of the server."""
