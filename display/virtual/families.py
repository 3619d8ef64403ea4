"""Which virtual panels speak which protocol."""

from display.protocols import Catalogue
from display.virtual.card import Family


def family(protocol: str, strips_dir: str = "") -> Family:
    """The panels of a protocol; ``strips_dir`` has a hall's own strips. Raises KeyError for one
    that is not known."""
    if protocol == "bx5k":
        from display.virtual.cards.bx5k import Bx5kFamily

        return Bx5kFamily()
    if protocol == "bx6e":
        from display.virtual.cards.bx6e import Bx6eFamily

        return Bx6eFamily()
    if protocol in ("modbus-rtu", "modbus-tcp"):
        from display.virtual.cards.modbus import ModbusFamily

        return ModbusFamily(protocol)
    from display.virtual.cards.strip import StripFamily

    return StripFamily(Catalogue(strips_dir).strips[protocol])
