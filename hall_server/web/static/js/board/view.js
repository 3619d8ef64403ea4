// Draws the board.

import { byId, fill, h, keyed, say, show } from '../lib/dom.js';
import { english, nameOf, page, range, t } from '../lib/page.js';
import { closesInMin, runThrough } from '../lib/screen.js';
import { clockHM, dayText, isoHM, nowMs, steadyMs, weekdayText } from '../lib/time.js';
import { closed, layoutFor, pagesOf, rowKey } from './model.js';
import { noticeText } from './strip.js';

const MOST_RECENT = 4;
const WAITING_ROWS = 6;
// Longer captions are set smaller, to stay on one line; longer names of a hall on two.
const LONG_CAPTION = 26;
const LONG_TICKET = 4;
const LONG_NAME = 15;
const LONG_NAME_EN = 26;
const BLINK_MS = 12000;

const windowsOf = (board) => new Map((board.windows ?? []).map((window) => [window.number, window]));

function placeName(windows, call) {
  const window = windows.get(call.window);
  return window ? nameOf(window) : call.window_name;
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

function updateRow(blinking, windows) {
  return (node, call) => {
    const called = call.state === 'called';
    const fresh = called && (blinking.get(rowKey(call)) ?? 0) > steadyMs();
    node.className = `row ${called ? 'row-called' : ''} ${fresh ? 'row-new' : ''}`;
    const [ticket, place, state] = node.children;
    say(ticket, call.ticket);
    ticket.classList.toggle('row-ticket-long', call.ticket.length > LONG_TICKET);
    say(place.firstElementChild, t('window_n', { n: call.window }));
    say(place.lastElementChild, placeName(windows, call));
    say(state, t(called ? 'please_come' : 'at_window'));
  };
}

/** The now-serving table, `pageNo` counted from 0; `blinking` maps rows to when they stop. */
export function drawServing(board, calls, pageNo, blinking) {
  const layout = layoutFor(calls.length, board);
  const pages = pagesOf(calls.length, layout.size);
  const rows = byId('rows');
  rows.className = `rows ${layout.name}`;
  const shown = calls.slice(pageNo * layout.size, (pageNo + 1) * layout.size);
  keyed(rows, shown, rowKey, newRow, updateRow(blinking, windowsOf(board)));
  say(byId('page'), pages > 1 ? t('page_of', { page: pageNo + 1, pages }) : '');
}

/** What stands where nobody is served; `shut` while the hall is not at work. */
export function drawNobody(nobody, shut) {
  show(byId('rows-none'), nobody);
  say(byId('rows-none-text'), t(shut ? 'hall_closed' : 'nobody_served'));
  const { hall } = page;
  say(byId('rows-none-hours'), shut ? (english ? hall.hours_text_en : hall.hours_text) : '');
}

/** Notes that this row's number was just called. */
export function startBlink(blinking, call) {
  blinking.set(rowKey(call), steadyMs() + BLINK_MS);
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

function categoryName(line) {
  const known = page.hall.categories.find((category) => category.id === line.category);
  return known ? nameOf(known) : line.category_name;
}

function waitingRow(line) {
  const about = range(line.p50_min, line.p90_min);
  return h(
    'li',
    { class: 'waiting-row' },
    h('span', { class: 'waiting-name' }, categoryName(line)),
    h('span', { class: 'waiting-count' }, t('n_waiting', { n: line.count })),
    h('span', { class: 'waiting-about' }, about ? t('about', { range: about }) : t('no_forecast')),
  );
}

export const waitingPages = (lines) => pagesOf(lines.length, WAITING_ROWS);

/** One page of the waiting lines; `rough` says that times are nominal, the forecaster being away. */
export function drawWaiting(lines, pageNo, rough) {
  fill(byId('waiting'), lines.slice(pageNo * WAITING_ROWS, (pageNo + 1) * WAITING_ROWS).map(waitingRow));
  show(byId('rough'), rough);
}

/** A part of a public page in place of recent calls and waiting lines; null gives them back. */
export function drawPublic(part) {
  show(byId('public'), part !== null);
  show(byId('queue'), part === null);
  if (part === null) return;
  say(byId('public-title'), part.title);
  say(byId('public-page'), part.parts > 1 ? `${part.part} / ${part.parts}` : '');
  const rows = byId('public-rows');
  rows.className = part.table ? 'public-rows public-table' : 'public-rows';
  fill(rows, part.rows.map((row) => h('div', {}, h('dt', {}, row.label), h('dd', {}, row.text))));
}

const TICKET = '\u0001';
const PLACE = '\u0002';

function purpose(call, kind) {
  if (kind === 'guide') return t('purpose_ask');
  return t(call.collect || kind === 'certificate' ? 'purpose_collect' : 'purpose_handle');
}

// The voice names a window of the green channel so, whatever its kind.
const GREEN = '绿色通道';

/** What the voice says for a call, the digits as they are on the ticket. */
function callWords(board, call) {
  const window = windowsOf(board).get(call.window);
  const kind = window ? window.kind : 'dedicated';
  const place = window && window.name.includes(GREEN) ? 'green' : kind;
  const words = t('caption', { ticket: TICKET, window: PLACE, purpose: purpose(call, kind) });
  return words.split(/([\u0001\u0002])/).map((part) => {
    if (part === TICKET) return h('b', {}, call.ticket);
    if (part === PLACE) return h('em', {}, t(`place_${place}`, { n: call.window }));
    return part;
  });
}

/**
 * The caption `{call}` or `{notice}` that is being said; null when nothing is. Returns how long, in
 * ms, it takes to run through where it is too long for its line, else 0.
 */
export function drawCaption(board, caption, begins) {
  const box = byId('caption');
  if (caption === null) fill(box, board === null || closed(board) ? '' : t('please_wait'));
  else if (caption.call) fill(box, callWords(board, caption.call));
  else fill(box, h('i', {}, t('spoken_notice')), h('div', { class: 'caption-window' }, h('span', {}, noticeText(caption.notice))));
  const notice = caption !== null && Boolean(caption.notice);
  box.classList.toggle('caption-notice', notice);
  box.classList.toggle('caption-long', Boolean(caption && caption.call) && box.textContent.length > LONG_CAPTION);
  box.classList.toggle('caption-none', caption === null);
  if (begins) {
    box.classList.remove('caption-new');
    void box.offsetWidth;
    box.classList.toggle('caption-new', caption !== null && !notice);
  }
  if (!notice) return 0;
  const text = box.lastElementChild.firstElementChild;
  const runs = runThrough(text);
  return text.scrollWidth > text.parentElement.clientWidth ? runs : 0;
}

export function drawClock() {
  const now = nowMs();
  say(byId('clock'), clockHM(now));
  say(byId('date'), dayText(now));
  say(byId('weekday'), weekdayText(now));
}

/** When the hall stops giving numbers, while that is soon. */
export function drawClosing(board) {
  const soon = closesInMin(board, nowMs()) !== null;
  show(byId('closing'), soon);
  if (soon) say(byId('closing'), t('closing_at', { time: isoHM(board.closes_at) }));
}

/** Everything that stands still, in the page's language. */
export function drawFrame() {
  const name = nameOf(page.hall);
  say(byId('hall-name'), name);
  const chinese = !english || !page.hall.name_en;
  const long = name.length > (chinese ? LONG_NAME : LONG_NAME_EN);
  byId('hall-name').classList.toggle('name-long', long);
  // Two lines of the same length.
  byId('hall-name').style.maxWidth = long && chinese ? `${Math.ceil(name.length / 2) + 1}em` : '';
  for (const node of document.querySelectorAll('[data-t]')) say(node, t(node.dataset.t));
  document.documentElement.lang = english ? 'en' : 'zh-CN';
}

/** The red line in the caption's place while nothing comes from the server; null takes it away. */
export function drawOutage(text) {
  const line = byId('outage');
  show(line, text !== null);
  show(byId('caption'), text === null);
  byId('stage').classList.toggle('stage-stale', text !== null);
  say(byId('outage-text'), text ?? '');
}

/** Darkens the picture when there is nothing to read from afar. */
export const dim = (on) => byId('stage').classList.toggle('stage-dim', on);
