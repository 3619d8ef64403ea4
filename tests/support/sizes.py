"""How long files and functions are."""

import ast
from collections.abc import Iterator
from pathlib import Path

MOST_FILE_LINES = 500
MOST_FUNCTION_LINES = 60
MOST_KV_LINES = 150


def too_long(files: list[Path]) -> list[str]:
    """What is longer than the house allows, in words."""
    return [words for path in files for words in _of_file(path)]


def _of_file(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    most = MOST_KV_LINES if path.suffix == ".kv" else MOST_FILE_LINES
    if lines > most:
        yield f"{path.name}: {lines} lines"
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MOST_FUNCTION_LINES:
                    yield f"{path.name}: {node.name}: {length} lines"
