"""Where the files that ship with the product are."""

import os
from pathlib import Path


def config_dir() -> Path:
    """The folder of the shipped TOML files: ``HALL_CONFIG_DIR``, or the checkout's ``config/``."""
    override = os.environ.get("HALL_CONFIG_DIR")
    return Path(override) if override else Path(__file__).resolve().parents[2] / "config"


def cache_dir() -> Path:
    """A folder for files that can be made again (``HALL_CACHE_DIR``, ``CACHE_DIRECTORY`` as
    systemd sets it, or the user's cache folder). It is made when missing."""
    base = os.environ.get("HALL_CACHE_DIR") or os.environ.get("CACHE_DIRECTORY")
    if base is None:
        root = os.environ.get("XDG_CACHE_HOME")
        base = str((Path(root) if root else Path.home() / ".cache") / "yichuang")
    path = Path(base)
    path.mkdir(parents=True, exist_ok=True)
    return path
