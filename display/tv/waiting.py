"""The page that is shown until the server answers: white on black, from a file of its own."""

import json
from pathlib import Path

_PAGE = """<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>一窗</title>
<style>
html { background: #000; color: #fff; cursor: none; font-size: 1vw; font-size: min(1vw, 1.7778vh);
  font-family: "Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Micro Hei", sans-serif; }
body { margin: 0; height: 100vh; overflow: hidden; display: flex; flex-direction: column;
  align-items: center; justify-content: center; text-align: center; }
p { margin: 0.6rem 4rem; }
.zh { font-size: 4.6rem; font-weight: 700; }
.en { font-size: 2.6rem; color: #b9c7d8; }
.tried { min-height: 3em; margin-top: 3rem; font-size: 2rem; line-height: 1.6; color: #b9c7d8;
  white-space: pre-line; }
body { animation: move 240s ease-in-out infinite alternate; }
@keyframes move { from { transform: translateY(-8vh); } to { transform: translateY(8vh); } }
</style>
<p class="zh">正在连接叫号服务器…</p>
<p class="en">Connecting to the queue server…</p>
<p class="tried" id="tried"></p>
</html>
"""
_CODE_STYLE = (
    "position:fixed;right:2vw;bottom:2vh;padding:0.5vh 1vw;border-radius:1vh;background:#fff;"
    "color:#000;font-size:3.4vh;font-weight:700;z-index:9"
)
# Set by script: the pages of the server allow no style of others in their text.
_CODE = """(words => {
  let box = document.getElementById('tv-code');
  if (!words) { if (box) box.remove(); return; }
  if (!box) {
    box = document.createElement('p');
    box.id = 'tv-code';
    box.style.cssText = %s;
    document.body.append(box);
  }
  box.textContent = words;
})"""


def write(folder: Path) -> str:
    """Writes the page into this folder; its address."""
    path = folder / "waiting.html"
    path.write_text(_PAGE, encoding="utf-8")
    return path.as_uri()


def tried(words: str) -> str:
    """The script that says on the page what is being tried."""
    return f"document.getElementById('tried').textContent = {json.dumps(words)}"


def code(code: str) -> str:
    """The script that puts the pairing code into a corner of any page; empty takes it away."""
    words = f"配对码 {code} Pairing code" if code else ""
    return f"{_CODE % json.dumps(_CODE_STYLE)}({json.dumps(words)})"
