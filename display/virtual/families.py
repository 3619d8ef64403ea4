"""Which virtual panels speak which protocol."""

from display.virtual.card import Family


def family(protocol: str) -> Family:
    """The panels of a protocol. Raises KeyError for one that is not known."""
    if protocol == "bx5k":
        from display.virtual.cards.bx5k import Bx5kFamily

        return Bx5kFamily()
    raise KeyError(protocol)
