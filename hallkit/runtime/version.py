"""The version of the installed distribution."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "yichuang"


@cache
def product_version() -> str:
    """The installed version, or ``0+unknown`` in a checkout that was never installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0+unknown"
