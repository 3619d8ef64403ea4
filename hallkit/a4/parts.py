"""PURE: the parts that A4 papers are made of, as HTML. Everything that comes from a slip is
escaped; what is empty is left off the paper."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from html import escape

from hallkit.a4.words import SharedWords

_WEEKDAYS = "一二三四五六日"
# Simplified Chinese first: without it a face for another language may be taken.
_FAMILY = '"Noto Sans CJK SC", "WenQuanYi Micro Hei"'
_BLUE = "#1c4f8f"
_STYLE = f"""
@page {{ size: A4; margin: 20mm 18mm 18mm;
  @bottom-left {{ content: "FOOT"; font: 8.5pt {_FAMILY}; color: #444; }}
  @bottom-right {{ content: COUNTED; font: 8.5pt {_FAMILY}; color: #444; }} }}
@page wide {{ size: A4 landscape; margin: 14mm 12mm 14mm; }}
html {{ font: 10.5pt/1.5 {_FAMILY}; color: #000; }}
body {{ margin: 0; overflow-wrap: anywhere; }}
.wide {{ page: wide; }}
.hall {{ text-align: center; font-size: 13pt; }}
h1 {{ margin: 1mm 0 5mm; padding-bottom: 3mm; text-align: center; font-size: 21pt; line-height: 1.3;
  letter-spacing: .18em; text-indent: .18em; border-bottom: 1.6pt solid {_BLUE}; }}
h2 {{ margin: 5mm 0 1.5mm; font-size: 12pt; break-after: avoid; }}
p {{ margin: 1.5mm 0; }}
.top {{ display: flex; justify-content: space-between; margin-bottom: 2mm; }}
table {{ width: 100%; table-layout: fixed; border-collapse: collapse; }}
thead {{ display: table-header-group; }}
tr {{ break-inside: avoid; }}
th, td {{ padding: 1.6mm 2.4mm; border: .6pt solid #444; text-align: left;
  vertical-align: middle; }}
th {{ background: #eaf0f7; font-weight: 700; }}
.label {{ width: 25mm; white-space: nowrap; }}
.right {{ text-align: right; }}
.middle {{ text-align: center; }}
.tallies {{ margin-top: 4mm; }}
.tallies td, .tallies th {{ padding: 1.1mm 2mm; }}
.count {{ width: 11mm; text-align: right; }}
.wait {{ width: 26mm; text-align: right; }}
.tallies th {{ font-size: 9pt; }}
.figures td:last-child {{ width: 42%; text-align: right; }}
.figures td {{ border-width: 0 0 .4pt; padding: 1.1mm 1mm; }}
.groups {{ columns: 2; column-gap: 10mm; }}
.group {{ break-inside: avoid-column; }}
.group.long {{ break-inside: auto; }}
.group h2 {{ margin-top: 0; border-left: 3pt solid {_BLUE}; padding-left: 2mm; }}
.group table {{ margin-bottom: 5mm; }}
.bottom {{ display: flex; margin-top: 5mm; break-inside: avoid; }}
.bottom .notes {{ flex: 1; }}
.notes {{ font-size: 9.5pt; }}
.code {{ width: 32mm; margin-left: 8mm; text-align: center; font-size: 9pt; }}
.code svg {{ width: 28mm; height: 28mm; }}
.sign {{ display: flex; margin-top: 12mm; break-inside: avoid; }}
.sign div {{ flex: 1; white-space: nowrap; }}
.line {{ display: inline-block; width: 28mm; border-bottom: .6pt solid #000; }}
.seal {{ margin-top: 10mm; text-align: right; line-height: 1.9; break-inside: avoid; }}
.tag {{ padding: 0 2mm; border: 1pt solid #000; font-weight: 700; }}
.strong {{ font-weight: 700; }}
.date {{ width: 33mm; }}
.name {{ width: 26mm; }}
.order {{ width: 11mm; text-align: center; }}
.either {{ width: 46mm; }}
.mark {{ white-space: nowrap; margin-right: 5mm; }}
.hint {{ color: #777; font-size: 9pt; }}
.tall td {{ height: 15mm; }}
.month {{ font-size: 8.5pt; line-height: 1.35; }}
.month td {{ height: 8.5mm; padding: .8mm 1.2mm; }}
.month th {{ padding: 1.2mm .6mm; text-align: center; }}
.month .order {{ width: 8mm; }}
.month .wide-word {{ width: 25mm; }}
.month .step {{ width: 12.5mm; }}
.month .who {{ width: 17mm; }}
"""


def text(words: object) -> str:
    """Words as HTML: escaped, blanks for what is no character that can be printed."""
    none = ("Cc", "Cs", "Zl", "Zp")
    return escape("".join(" " if unicodedata.category(c) in none else c for c in str(words)))


def tag(name: str, inner: str, of: str = "", **attributes: object) -> str:
    """An element around HTML; ``of`` is its class."""
    more = (f' class="{of}"' if of else "") + "".join(
        f' {key}="{text(value)}"' for key, value in attributes.items()
    )
    return f"<{name}{more}>{inner}</{name}>"


def row(*cells: str) -> str:
    """A table's row of finished cells."""
    return tag("tr", "".join(cells))


def cell(words: object, of: str = "", span: int = 1) -> str:
    """A cell."""
    return tag("td", text(words), of, **({"colspan": span} if span > 1 else {}))


def head(words: object, of: str = "") -> str:
    """A heading cell."""
    return tag("th", text(words), of)


def pairs(entries: Iterable[tuple[str, str]]) -> str:
    """Labels and texts, two to a row; a text that is empty is left off."""
    shown = [(label, words) for label, words in entries if words]
    rows = []
    for i in range(0, len(shown), 2):
        two = shown[i : i + 2]
        span = 1 if len(two) == 2 else 3
        rows.append(row(*(head(a, "label") + cell(b, span=span) for a, b in two)))
    return tag("table", "".join(rows)) if rows else ""


def whole(label: str, words: str) -> str:
    """A label and a text over the whole width."""
    return tag("table", row(head(label, "label"), cell(words))) if words else ""


def notes(sentences: Iterable[str]) -> str:
    """Small print."""
    return "".join(tag("p", text(sentence)) for sentence in sentences)


def signatures(labels: Sequence[str], dated: str = "") -> str:
    """Lines to sign on; with ``dated`` a last one for the date."""
    line = tag("span", "", "line")
    named = [*labels, dated] if dated else list(labels)
    return tag("div", "".join(tag("div", f"{text(a)}：{line}") for a in named), "sign")


def heading(hall: str, title: str, tags: Iterable[str] = ()) -> str:
    """The hall's name and the paper's title."""
    boxes = " ".join(tag("span", text(one), "tag") for one in tags if one)
    return tag("div", text(hall), "hall") + tag("h1", text(title)) + (boxes and tag("p", boxes))


def day(of: date | None) -> str:
    """2026年11月23日, empty for None."""
    return f"{of.year}年{of.month}月{of.day}日" if of else ""


def weekday(of: date) -> str:
    """星期一."""
    return f"星期{_WEEKDAYS[of.weekday()]}"


def moment(of: datetime) -> str:
    """2026-11-23 09:32."""
    return f"{of:%Y-%m-%d %H:%M}"


def document(
    title: str, body: str, shared: SharedWords, printed: datetime | None, *, wide: bool = False
) -> str:
    """A whole paper; at its foot when it was printed, and the number of each page."""
    foot = f"{shared.printed_at} {moment(printed)}" if printed else ""
    style = _STYLE.replace('"FOOT"', _css(foot)).replace("COUNTED", _counted(shared.page_number))
    page = tag("body", tag("main", body, "wide" if wide else ""))
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        f"<title>{text(title)}</title><style>{style}</style></head>{page}</html>"
    )


def _css(words: str) -> str:
    """Words as a string of a style sheet; ``<`` would end it."""
    kept = words.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return '"' + kept.replace("\n", " ") + '"'


def _counted(template: str) -> str:
    before, _, rest = template.partition("{page}")
    between, _, after = rest.partition("{pages}")
    return f"{_css(before)} counter(page) {_css(between)} counter(pages) {_css(after)}"
