"""The files that the pages ship."""

from pathlib import Path

import hall_server.web

ROOT = Path(hall_server.web.__file__).parent
JS = sorted((ROOT / "static" / "js").rglob("*.js"))
CSS = sorted((ROOT / "static" / "css").glob("*.css"))
TEMPLATES = sorted((ROOT / "templates" / "web").glob("*.html"))
