"""HTML to PDF, in a child process that lives for one paper: the program itself stays small
(the child takes about 160 MB, given back at once), and a page that cannot be set harms nobody."""

import subprocess
import sys
import threading

from hallkit.runtime.fonts import face

# A page takes half a second here; a busy Raspberry Pi is ten times as slow.
_PAPER_S = 60.0
# For the paper before this one: more wait than that only when something is wrong.
_TURN_S = 20.0
_turn = threading.Lock()


# How the child says that a library is missing; the last line it wrote names the package.
NO_LIBRARY = 3


class PdfFailed(Exception):
    """No PDF was made: ``zh`` and ``en`` say why, to whoever asked; the message has ``detail``
    besides, for the log."""

    def __init__(self, zh: str, en: str, detail: str = "") -> None:
        super().__init__(f"{zh} / {en}{detail and f': {detail}'}")
        self.zh = zh
        self.en = en


def pdf_of(html: str) -> bytes:
    """The paper as PDF, its fonts embedded. One at a time in a process, others wait.
    Raises PdfFailed, FontMissing."""
    face()
    if not _turn.acquire(timeout=_TURN_S):
        raise PdfFailed("正在制作另一份 PDF，请稍后再试", "another PDF is being made; try again")
    try:
        return _press(html)
    finally:
        _turn.release()


def _press(html: str) -> bytes:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "hallkit.a4"],
            input=html.encode(),
            capture_output=True,
            timeout=_PAPER_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PdfFailed(
            f"制作 PDF 超过 {_PAPER_S:.0f} 秒，已停止", f"no PDF within {_PAPER_S:.0f} s; stopped"
        ) from None
    except OSError as error:
        raise PdfFailed(
            f"无法启动 PDF 排版：{error.strerror}", f"cannot start the PDF maker: {error.strerror}"
        ) from None
    if done.returncode == 0:
        return done.stdout
    said = done.stderr.decode(errors="replace").strip().splitlines()
    why = said[-1] if said else f"exit {done.returncode}"
    if done.returncode == NO_LIBRARY:
        zh, _, en = why.partition(" / ")
        raise PdfFailed(f"PDF 排版失败：{zh}", f"the PDF maker failed: {en}")
    raise PdfFailed("PDF 排版失败", "the PDF maker failed", why)
