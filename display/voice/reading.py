"""How Chinese sentences are read, as pinyin: a child process that ends when it has answered.

espeak-ng alone reads 长者 as *long* and 银行 as *walk*; pypinyin knows words, but its tables take
50 MB. Notices are rare, so the memory is given back at once::

    parent → ["请到银行柜台"]            one line of JSON on standard input
    child  → ["qing3 dao4 yin2hang2 gui4tai2"]
"""

import json
import logging
import re
import sys
from collections.abc import Sequence

from display.voice.commands import CommandFailed, Commands

_log = logging.getLogger(__name__)

READING_COMMAND = (sys.executable, "-m", "display.voice.reading")
# Loading the tables takes 0.2 s here; a cold SD card needs seconds. Calls wait meanwhile.
READ_TIMEOUT_S = 8.0
_HANZI = re.compile(r"[\u3400-\u9fff]")
_PAUSES = str.maketrans("，、：:", ",,,,")


def pinyin_of(
    sentences: Sequence[str],
    commands: Commands,
    command: Sequence[str] = READING_COMMAND,
) -> list[str] | None:
    """Each sentence as the synthesizer reads it: pinyin with tone numbers, a word a group. None
    when that cannot be known: the synthesizer then reads the characters one by one."""
    try:
        given = json.dumps(list(sentences)).encode()
        read = json.loads(commands.run(command, READ_TIMEOUT_S, given))
    except (CommandFailed, ValueError) as error:
        _log.warning("a notice is read one character at a time: %s", error)
        return None
    good = isinstance(read, list) and len(read) == len(sentences)
    return [str(one) for one in read] if good else None


def _read(sentence: str) -> str:
    from pypinyin import Style, lazy_pinyin
    from pypinyin.seg.mmseg import seg

    groups = []
    for word in seg.cut(sentence):
        if _HANZI.search(word):
            syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True)
            groups.append("".join(syllables))
        else:
            groups.append(word.translate(_PAUSES))
    return re.sub(r"\s+(?=,)", "", " ".join(" ".join(groups).split()))


def main() -> int:
    """Answers one line of sentences."""
    sentences = json.loads(sys.stdin.readline())
    sys.stdout.write(json.dumps([_read(str(sentence)) for sentence in sentences]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
