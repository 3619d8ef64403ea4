"""One use case a module. Speaks to the outside through the Protocols in ``ports``."""
