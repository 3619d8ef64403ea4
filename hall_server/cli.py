"""The commands of the server's part: ``hall server``, ``hall admin``, ``hall demo``.

Each is loaded when it is run, so that ``hall --help`` stays quick.
"""


def server(argv: list[str]) -> int:
    """叫号服务器 / the hall server: numbers, windows, calls, the staff's pages, the API."""
    from hall_server.program import main

    return main(argv)


def admin(argv: list[str]) -> int:
    """建库、人员、备份、检查 / set-up and care: hall files, staff, backup, restore, checks."""
    from hall_server.admin.main import main

    return main(argv)


def demo(argv: list[str]) -> int:
    """本机演示 / a whole hall on this machine, every device simulated."""
    from hall_server.demo.program import main

    return main(argv)
