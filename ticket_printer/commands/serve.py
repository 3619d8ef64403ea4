"""``hall printer --config FILE``: runs the printer program."""

import argparse
import sys
from pathlib import Path

from hallkit.runtime.fonts import FontMissing
from hallkit.runtime.logs import configure_logs
from hallkit.runtime.service import Service
from hallkit.runtime.settings import ConfigError, load
from ticket_printer.layouts import load_layouts
from ticket_printer.program import Program
from ticket_printer.settings import PrinterProgramSettings
from ticket_printer.spool.store import SpoolError

EXIT_FAILED = 1
EXIT_CONFIG = 2


def main(argv: list[str]) -> int:
    """Runs until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(
        prog="hall printer",
        description="取号打印程序：接收本机取号机的打印任务。"
        "Takes print jobs on a loopback address and prints each once.",
        epilog="Other commands: hall printer virtual | probe | preview | paper | pdf | reprint "
        "(each has --help).",
    )
    parser.add_argument("--config", required=True, type=Path, metavar="FILE", help="printer.toml")
    parser.add_argument("--server", metavar="URL", help="the hall server; empty: as configured")
    parser.add_argument(
        "--check-config", action="store_true", help="check the file and exit (2: wrong)"
    )
    options = parser.parse_args(argv)

    try:
        settings = load(options.config, PrinterProgramSettings)
        load_layouts(settings.slips_folder)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EXIT_CONFIG
    if options.check_config:
        print(f"{options.config}: 正确 / correct")
        return 0
    return _serve(settings, options.server)


def _serve(settings: PrinterProgramSettings, server_url: str | None) -> int:
    configure_logs(settings.log_level)
    service = Service()
    service.catch_signals()
    program = Program(settings, server_url, service)
    try:
        program.start()
    except (SpoolError, FontMissing) as error:
        print(error, file=sys.stderr)
        service.close()
        return EXIT_FAILED
    except OSError as error:
        where = f"{settings.intake.host}:{settings.intake.port}"
        print(f"{where}: 无法监听 / cannot listen: {error}", file=sys.stderr)
        service.close()
        return EXIT_FAILED
    host, port = program.intake_address
    print(f"listening on {host}:{port}", flush=True)
    service.run()
    return 0
