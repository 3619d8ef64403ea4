"""The entry point of ``hall printer``; each command line is in :mod:`ticket_printer.commands`."""

from importlib import import_module

_TOOLS = ("virtual", "probe", "preview", "paper", "pdf", "reprint")


def main(argv: list[str]) -> int:
    """小票打印 / prints tickets (virtual, probe, preview, paper, pdf, reprint)."""
    tool = argv[0] if argv and argv[0] in _TOOLS else ""
    command = import_module(f"ticket_printer.commands.{tool or 'serve'}")
    status: int = command.main(argv[1:] if tool else argv)
    return status
