"""PURE: a layout with the words of one slip in it: what is drawn, in order."""

from dataclasses import dataclass

from ticket_printer.render.layout import (
    PLACEHOLDER,
    AnyBlock,
    Code,
    Labelleds,
    Layout,
    Listing,
    Table,
    Tags,
    Title,
    templates_of,
)
from ticket_printer.render.words import Entry, Words

# Around what is to be set larger; no word of a slip can hold it.
LARGER = "\x00"


@dataclass(frozen=True)
class Filled:
    """A block and what it says: ``lines`` of its text (with :data:`LARGER` around what is larger),
    ``entries`` of its list, ``notes`` each in its lines."""

    block: AnyBlock
    lines: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    notes: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        """The text on one line."""
        return " ".join(self.lines)


def fill(layout: Layout, words: Words) -> list[Filled]:
    """The blocks that have something to say."""
    texts = {name: text or layout.defaults.get(name, "") for name, text in words.texts.items()}
    filled = (_fill(block, texts, words) for block in layout.blocks)
    return [one for one in filled if one is not None]


def _fill(block: AnyBlock, texts: dict[str, str], words: Words) -> Filled | None:
    if isinstance(block, Listing | Table | Labelleds):
        entries = words.lists[block.items]
        return Filled(block, entries=tuple(entries)) if entries else None
    if isinstance(block, Tags):
        return Filled(block, lines=words.tags) if words.tags else None
    if isinstance(block, Code):
        notes = tuple(filter(None, (_lines(note, texts) for note in block.notes)))
        code = _lines(block.text, texts)
        return Filled(block, code, notes=notes) if code or notes else None
    templates = templates_of(block)
    if not templates:
        return Filled(block)
    template = templates[0][1]
    if isinstance(block, Title):
        template = template.replace("*", LARGER)
    lines = _lines(template, texts)
    return Filled(block, lines) if lines else None


def _lines(template: str, texts: dict[str, str]) -> tuple[str, ...]:
    """The lines of a text, none when a word in it is empty."""
    if not all(texts[name] for name in PLACEHOLDER.findall(template)):
        return ()
    return tuple(
        PLACEHOLDER.sub(lambda found: texts[found[1]], line)
        for line in template.split("\n")
        if line
    )
