// Public pages cut into parts that fit the board's side.

// The side's width in letters of a Chinese text, and its height in lines.
const COLUMNS = 17.8;
const LINES = 11;
// A row that is as short as this stands on one line with its label, in larger letters.
const LABEL_COLUMNS = 4.5;
const TEXT_COLUMNS = 10;
const TABLE_LINES = 8;
const LATIN = 0.56;
// What an English line loses at its end, where the next word does not fit.
const RAGGED = 0.88;
const LEAST_MS = 12000;
const MOST_MS = 30000;
const READING_MS = 170;

const MOST_BACK = 6;
const WIDE = 0x2e80;
// What no line begins with, and what none ends with.
const NEVER_FIRST = /^[，。、；：！？）》」』”’…—]/;
const NEVER_LAST = /[（《「『“‘]$/;

/** The width of a text in Chinese letters. */
export function width(text) {
  let sum = 0;
  for (const letter of text) sum += letter.codePointAt(0) >= WIDE ? 1 : LATIN;
  return sum;
}

const room = (text) => (text.includes(' ') ? COLUMNS * RAGGED : COLUMNS);
const linesOf = (text) => (text ? Math.ceil(width(text) / room(text)) : 0);

/** Cuts `text` after as much as fits `lines` lines: [head, rest]. */
export function cut(text, lines) {
  const most = lines * room(text);
  let sum = 0;
  let at = 0;
  for (const letter of text) {
    sum += letter.codePointAt(0) >= WIDE ? 1 : LATIN;
    if (sum > most) break;
    at += letter.length;
  }
  if (at >= text.length) return [text, ''];
  const space = text.lastIndexOf(' ', at);
  let end = space > at / 2 ? space : Math.max(1, at);
  const bad = () => NEVER_FIRST.test(text.slice(end)) || NEVER_LAST.test(text.slice(0, end));
  for (let back = 0; back < MOST_BACK && end > 1 && bad(); back += 1) end -= 1;
  return [text.slice(0, end), text.slice(end).trimStart()];
}

/** A label of two lines at most. */
function titled(label) {
  const [head, rest] = cut(label, 2);
  return rest ? `${head.slice(0, -1)}…` : label;
}

/** `rows` [{label, text}] in parts of rows, none higher than the side; `again(label)` names a rest. */
function partsOf(rows, again) {
  const parts = [];
  let part = [];
  let left = LINES;
  const turn = () => {
    if (part.length) parts.push(part);
    part = [];
    left = LINES;
  };
  for (const row of rows) {
    let [label, text] = [titled(row.label), row.text];
    for (;;) {
      const head = linesOf(label);
      if (head + linesOf(text) <= left) break;
      // Two lines of a text under its label are worth beginning with.
      if (part.length && (left < head + 2 || head + linesOf(text) <= LINES)) {
        turn();
        continue;
      }
      const [begun, rest] = cut(text, Math.max(1, left - head));
      part.push({ label, text: begun });
      turn();
      [label, text] = [titled(again(row.label)), rest];
    }
    part.push({ label, text });
    left -= linesOf(label) + linesOf(text);
  }
  turn();
  return parts;
}

const short = (row) => width(row.label) <= LABEL_COLUMNS && width(row.text) <= TEXT_COLUMNS;

function readingTime(rows) {
  const letters = rows.reduce((sum, row) => sum + width(row.label) + width(row.text), 0);
  return Math.min(MOST_MS, Math.max(LEAST_MS, letters * READING_MS));
}

/**
 * The parts of all `pages` in one language: {page, title, part, parts, table, rows, ms}, `ms` being
 * how long it takes to read.
 */
export function publicParts(pages, english, again) {
  const one = (thing, key) => (english && thing[`${key}_en`]) || thing[key];
  return pages.flatMap((page) => {
    const rows = page.rows.map((row) => ({ label: one(row, 'label'), text: one(row, 'text') }));
    const table = rows.every(short);
    const cutUp = table ? chunks(rows, TABLE_LINES) : partsOf(rows, again);
    return cutUp.map((part, index) => ({
      page: page.id,
      title: one(page, 'title'),
      part: index + 1,
      parts: cutUp.length,
      table,
      rows: part,
      ms: readingTime(part),
    }));
  });
}

function chunks(items, size) {
  const parts = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
