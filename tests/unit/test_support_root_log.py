"""A program's log ends with the test that ran the program."""

import io
import logging

import pytest

from hallkit.runtime.logs import configure_logs
from tests.support.root_log import kept_log


def test_what_a_program_set_up_is_gone(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    root = logging.getLogger()
    before, told = (root.handlers[:], root.level), io.StringIO()
    with kept_log():
        configure_logs("DEBUG", stream=told)
        logging.getLogger("program").info("at work")
    assert (root.handlers, root.level) == before
    assert told.getvalue() == "INFO program: at work\n"
    told.close()
    logging.getLogger("program").warning("later")
    assert capsys.readouterr().err == ""
    assert "later" in caplog.text
