"""``hall printer paper``: how much paper is used, and ``--reset NAME`` when a roll was loaded."""

import argparse
import sys
from pathlib import Path

from hallkit.runtime.clock import SystemClock
from hallkit.runtime.settings import ConfigError, did_you_mean, load
from ticket_printer.settings import PrinterProgramSettings, PrinterSettings
from ticket_printer.spool.rolls import Roll, Rolls
from ticket_printer.spool.store import Spool, SpoolError


def main(argv: list[str]) -> int:
    """Shows or resets the paper counters, also while the program runs; 0, or 2 for a wrong name
    or file, 1 when the spool cannot be used."""
    parser = argparse.ArgumentParser(
        prog="hall printer paper",
        description="各打印机的纸卷用了多少；装了新纸卷后清零。"
        "How much of its roll each printer has used; begins anew when a roll was loaded.",
    )
    parser.add_argument("--config", required=True, type=Path, metavar="FILE", help="printer.toml")
    parser.add_argument("--reset", metavar="NAME", help="the printer that got a new roll")
    options = parser.parse_args(argv)
    try:
        settings = load(options.config, PrinterProgramSettings)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    names = [printer.name for printer in settings.printers]
    if options.reset is not None and options.reset not in names:
        zh, en = did_you_mean(options.reset, names)
        print(
            f"没有名为“{options.reset}”的打印机{zh} / no printer {options.reset!r}{en}",
            file=sys.stderr,
        )
        return 2
    try:
        spool = Spool(Path(settings.data_dir))
    except SpoolError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        rolls = Rolls(spool)
        if options.reset is not None:
            rolls.loaded(options.reset, SystemClock().now())
        for printer in settings.printers:
            print(described(printer, rolls.of(printer.name)))
    finally:
        spool.close()
    return 0


def described(printer: PrinterSettings, roll: Roll) -> str:
    """A printer's roll as a line in both languages."""
    used = roll.used_mm / 1000
    zh, en = f"已用 {used:.1f} 米", f"{used:.1f} m used"
    if printer.roll_m:
        left = max(0.0, printer.roll_m - used)
        zh, en = f"{zh}，约剩 {left:.1f} 米", f"{en}, about {left:.1f} m left"
    if roll.loaded_at:
        zh, en = f"{zh}，{roll.loaded_at[:16]} 换纸", f"{en}, loaded {roll.loaded_at[:16]}"
    if roll.ran_out:
        zh, en = f"{zh}，缺纸", f"{en}, paper out"
    return f"{printer.name}: {zh} / {en}"
