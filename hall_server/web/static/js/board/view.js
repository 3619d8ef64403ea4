// Draws the board.

import { byId, fill, h, keyed, say, show } from '../lib/dom.js';
import { english, nameOf, page, range, t } from '../lib/page.js';
import { clockHM, dayText, isoHM, nowMs, weekdayText } from '../lib/time.js';
import { layoutFor, pagesOf, rowKey } from './model.js';

const MOST_RECENT = 4;
const WAITING_ROWS = 6;
// Longer captions are set smaller, to stay on one line.
const LONG_CAPTION = 27;
const BLINK_MS = 12000;

const named = new Map(page.hall.categories.map((category) => [category.id, nameOf(category)]));
const PLACE = /窗口|窗|台|室$/;

/** "3 号综合窗口", as the voice says it. */
export function windowWords(call) {
  const name = call.window_name;
  if (!name) return t('window_plain', { n: call.window });
  return t('window_called', { n: call.window, name: PLACE.test(name) ? name : `${name}窗口` });
}

function newRow() {
  return h(
    'li',
    {},
    h('b', { class: 'row-ticket' }),
    h('span', { class: 'row-window' }, h('b', { class: 'row-number' }), h('span', { class: 'row-name' })),
    h('span', { class: 'row-state' }),
  );
}

function updateRow(blinking) {
  return (node, call) => {
    const called = call.state === 'called';
    const fresh = called && (blinking.get(rowKey(call)) ?? 0) > Date.now();
    node.className = `row ${called ? 'row-called' : ''} ${fresh ? 'row-new' : ''}`;
    const [ticket, place, state] = node.children;
    say(ticket, call.ticket);
    say(place.firstElementChild, t('window_n', { n: call.window }));
    say(place.lastElementChild, call.window_name);
    say(state, t(called ? 'please_come' : 'at_window'));
  };
}

/** The now-serving table, `pageNo` counted from 0; `blinking` maps rows to when they stop. */
export function drawServing(calls, pageNo, blinking) {
  const layout = layoutFor(calls.length);
  const pages = pagesOf(calls.length, layout.size);
  const rows = byId('rows');
  rows.className = `rows ${layout.name}`;
  const shown = calls.slice(pageNo * layout.size, (pageNo + 1) * layout.size);
  keyed(rows, shown, rowKey, newRow, updateRow(blinking));
  show(byId('rows-none'), calls.length === 0);
  say(byId('page'), pages > 1 ? t('page_of', { page: pageNo + 1, pages }) : '');
}

/** Notes that this row's number was just called. */
export function startBlink(blinking, call) {
  blinking.set(rowKey(call), Date.now() + BLINK_MS);
  const row = byId('rows').querySelector(`[data-key="${rowKey(call)}"]`);
  // A second call of the same window starts the animation anew.
  if (row) {
    row.classList.remove('row-new');
    void row.offsetWidth;
  }
}

function recentRow(call) {
  return h(
    'li',
    { class: 'recent-row' },
    h('b', {}, call.ticket),
    h('span', { class: 'recent-window' }, t('window_n', { n: call.window })),
    h('span', { class: 'recent-time' }, isoHM(call.called_at)),
  );
}

export function drawRecent(calls) {
  fill(byId('recent'), calls.slice(0, MOST_RECENT).map(recentRow));
  show(byId('recent-none'), calls.length === 0);
}

function waitingRow(line) {
  const about = range(line.p50_min, line.p90_min);
  return h(
    'li',
    { class: 'waiting-row' },
    h('span', { class: 'waiting-name' }, named.get(line.category) ?? line.category_name),
    h('span', { class: 'waiting-count' }, t('n_waiting', { n: line.count })),
    h('span', { class: 'waiting-about' }, about ? t('about', { range: about }) : t('no_forecast')),
  );
}

export const waitingPages = (lines) => pagesOf(lines.length, WAITING_ROWS);

export function drawWaiting(lines, pageNo) {
  fill(byId('waiting'), lines.slice(pageNo * WAITING_ROWS, (pageNo + 1) * WAITING_ROWS).map(waitingRow));
}

/** Says that waiting times are nominal while the forecaster is behind or gone. */
export const drawRough = (source) => show(byId('rough'), source === 'nominal');

/** What the voice says, as text; `fresh` while it is being said. */
export function drawCaption(call, fresh) {
  const caption = byId('caption');
  const marks = t('caption', { ticket: '\u0001', window: '\u0002' }).split(/([\u0001\u0002])/);
  fill(
    caption,
    marks.map((part) => {
      if (part === '\u0001') return h('b', {}, call.ticket);
      if (part === '\u0002') return h('em', {}, windowWords(call));
      return part;
    }),
  );
  caption.classList.toggle('caption-long', caption.textContent.length > LONG_CAPTION);
  caption.classList.remove('caption-new');
  void caption.offsetWidth;
  caption.classList.toggle('caption-new', fresh);
}

/** The caption line before anything was called today. */
export function drawNoCaption() {
  const caption = byId('caption');
  caption.classList.remove('caption-new');
  say(caption, t('please_wait'));
}

export function drawClock() {
  const now = nowMs();
  say(byId('clock'), clockHM(now));
  say(byId('date'), dayText(now));
  say(byId('weekday'), weekdayText(now));
}

export function drawTicker() {
  const { hall } = page;
  const texts = english
    ? [t('ticker'), hall.missed_text_en, hall.hours_text_en]
    : [t('ticker'), hall.missed_text, hall.hours_text];
  say(byId('ticker'), texts.filter(Boolean).join('　　'));
  say(byId('hall-name'), nameOf(hall));
}

/** The red line in the caption's place while nothing comes from the server; null takes it away. */
export function drawOutage(text) {
  const line = byId('outage');
  show(line, text !== null);
  show(byId('caption'), text === null);
  byId('stage').classList.toggle('stage-stale', text !== null);
  if (text !== null) say(line, text);
}
