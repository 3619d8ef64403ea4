// The sign of one window, on a tablet or a small screen above it.

import { get } from '../lib/api.js';
import { byId, say, show } from '../lib/dom.js';
import { LiveStream, coalesce } from '../lib/live.js';
import { english, nameOf, outdated, page, t } from '../lib/page.js';
import { moveALittle, runThrough } from '../lib/screen.js';
import { clockHM, dayHM, isoHM, nowMs, steadyMs } from '../lib/time.js';
import { callInstant, callTime, signOf } from './model.js';

const POLL_MS = 2000;
const POLLS_WITH_STREAM = 5;
const SETTLE_MS = 60;
const TICK_MS = 500;
// Longer numbers and words are set smaller.
const LONG_TICKET = 4;
const LONGER_TICKET = 6;
// A page that is opened later than this after a call only shows it.
const FRESH_MS = 10000;

let board = null;
let lastGood = null;
let silentFrom = steadyMs();
let answering = false;
let asked = false;
let streamUp = false;
let called = null;

function smallWords(kind) {
  if (kind === 'called') return t('please_come');
  if (kind === 'serving') return t('serving');
  if (kind === 'closing') return t('closing_at', { time: isoHM(board.closes_at) });
  return '';
}

function drawFace(sign) {
  const face = byId('face');
  const letters = sign.ticket ? sign.ticket.length : 0;
  const longer = letters > LONGER_TICKET ? 'face-longer' : 'face-long';
  const blinks = face.classList.contains('face-new') && sign.kind === 'called';
  const looks = ['face', `face-${sign.kind}`, sign.ticket ? '' : 'face-words', letters > LONG_TICKET ? longer : '', blinks ? 'face-new' : ''];
  face.className = looks.filter(Boolean).join(' ');
  say(byId('big'), sign.ticket ?? t(sign.kind));
  say(byId('small'), smallWords(sign.kind));
}

/** Blinks when the number was called, or called again. */
function blink() {
  const now = callTime(board, page.window);
  const old = called === null && nowMs() - callInstant(board, page.window) > FRESH_MS;
  if (now && now !== called && !old) {
    const face = byId('face');
    face.classList.remove('face-new');
    void face.offsetWidth;
    face.classList.add('face-new');
  }
  called = now;
}

let shown = '';
let turnAt = 0;
let at = 0;

/** One notice after another, each from its beginning. */
function drawNotice(notices) {
  show(byId('notice'), notices.length > 0);
  const key = notices.map((notice) => notice.id).join(' ');
  if (key === shown && steadyMs() < turnAt) return;
  at = key === shown ? at + 1 : 0;
  shown = key;
  if (notices.length === 0) return;
  const notice = notices[at % notices.length];
  say(byId('notice-text'), (english && notice.text_en) || notice.text);
  turnAt = steadyMs() + runThrough(byId('notice-text'));
}

function drawStale() {
  show(byId('stale'), asked && !answering);
  if (answering || !asked) return;
  say(byId('stale'), lastGood === null ? t('first_outage') : t('outage', { since: dayHM(lastGood) }));
}

function draw() {
  const now = nowMs();
  const sign = signOf(board, page.window, now, answering ? 0 : steadyMs() - silentFrom);
  drawFace(sign);
  drawNotice(sign.notices);
  drawStale();
  if (lastGood !== null) say(byId('clock'), clockHM(now));
  const known = board && (board.windows ?? []).find((window) => window.number === page.window);
  if (known) say(byId('name'), nameOf(known));
  byId('sign').classList.toggle('sign-dim', sign.kind === 'closed');
}

async function load() {
  try {
    board = await get('/board');
    answering = true;
    lastGood = nowMs();
    silentFrom = steadyMs();
    draw();
    blink();
  } catch (error) {
    if (error.status === undefined) throw error;
    answering = false;
  }
  asked = true;
  draw();
}

const refresh = coalesce(load, SETTLE_MS);
const renew = coalesce(async () => {
  if (await outdated()) location.reload();
}, SETTLE_MS);

const stream = new LiveStream('calls,windows', {
  onEvent: (event) => {
    refresh();
    if (event.type === 'hall.changed') renew();
  },
  onLink: (up) => {
    streamUp = up;
    refresh();
    if (up) renew();
  },
});

let polls = 0;
function poll() {
  polls += 1;
  if (!streamUp || polls % POLLS_WITH_STREAM === 0) refresh();
}

/** Keeps a tablet's screen lit where the browser allows it; it lets go whenever the page is hidden. */
async function stayLit() {
  if (document.hidden || !navigator.wakeLock) return;
  try {
    await navigator.wakeLock.request('screen');
  } catch (error) {
    // Battery saving forbids it: the device's own settings then decide.
  }
}

document.addEventListener('visibilitychange', stayLit);
stayLit();
moveALittle(byId('sign'));
setInterval(draw, TICK_MS);
setInterval(poll, POLL_MS);
refresh();
stream.start();
