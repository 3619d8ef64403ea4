"""The console script ``hall``: finds each program's sub-command by entry point."""

import sys
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points

from hallkit.runtime.settings import ConfigError
from hallkit.runtime.version import product_version

GROUP = "yichuang.commands"
Command = Callable[[list[str]], int]


def _commands() -> dict[str, EntryPoint]:
    return {ep.name: ep for ep in sorted(entry_points(group=GROUP), key=lambda ep: ep.name)}


def _summary(entry: EntryPoint) -> str:
    try:
        doc = entry.load().__doc__ or ""
    except ImportError as error:
        return f"(not installed here: {error.name or error})"
    return doc.strip().splitlines()[0] if doc.strip() else ""


def _help(commands: dict[str, EntryPoint]) -> str:
    width = max((len(name) for name in commands), default=0)
    lines = [f"  {name:<{width}}  {_summary(entry)}" for name, entry in commands.items()]
    return "\n".join(
        [
            f"一窗 Yichuang {product_version()}：政务大厅排队叫号 / queue numbers for a hall",
            "",
            "用法 / usage: hall COMMAND [OPTIONS]   （详细说明 / more: hall COMMAND --help）",
            "",
            *lines,
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one sub-command; returns its exit status (2 for an unknown one)."""
    args = list(sys.argv[1:] if argv is None else argv)
    commands = _commands()
    if not args or args[0] in ("-h", "--help", "help"):
        print(_help(commands))
        return 0
    if args[0] in ("-V", "--version"):
        print(product_version())
        return 0
    entry = commands.get(args[0])
    if entry is None:
        known = ", ".join(commands)
        print(
            f"hall: 没有命令 {args[0]}，可用的有 / no command {args[0]}; there are: {known}",
            file=sys.stderr,
        )
        return 2
    try:
        command: Command = entry.load()
    except ImportError as error:
        missing = error.name or error
        print(
            f"hall {args[0]}: 本机没有安装这个程序，缺少 {missing} / "
            f"this program is not installed here, {missing} is missing",
            file=sys.stderr,
        )
        return 1
    try:
        return command(args[1:])
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
