// The hall's TV board.

import { get } from '../lib/api.js';
import { byId } from '../lib/dom.js';
import { LiveStream, coalesce } from '../lib/live.js';
import { t } from '../lib/page.js';
import { clockHMS, nowMs } from '../lib/time.js';
import { CallWatch, layoutFor, pageOf, pagesOf, rowKey } from './model.js';
import * as view from './view.js';

const PAGE_MS = 8000;
// A called row's page stays long enough to be read at the far end of the hall.
const CALLED_PAGE_MS = 12000;
const CAPTION_MS = 10000;
// The stream tells of calls at once; the waiting lines, and a board without a stream, are asked for.
const POLL_MS = 2000;
const POLLS_WITH_STREAM = 5;
const SETTLE_MS = 60;
// Burn-in: the whole picture moves a little every minute.
const SHIFT_MS = 60000;
const SHIFTS = [[0, 0], [3, 0], [3, 3], [0, 3], [-3, 3], [-3, 0], [-3, -3], [0, -3], [3, -3]];

const watch = new CallWatch(CAPTION_MS);
const blinking = new Map();
const captions = [];
let board = null;
let lastGood = null;
let streamUp = false;
let answering = false;
let pageNo = 0;
let waitingNo = 0;
let holdUntil = 0;
let captionUntil = 0;
let captioned = false;

const rows = () => board.now_serving.slice().sort((a, b) => a.window - b.window);

function draw() {
  if (board === null) return;
  const calls = rows();
  const { size } = layoutFor(calls.length);
  pageNo = Math.min(pageNo, pagesOf(calls.length, size) - 1);
  waitingNo = Math.min(waitingNo, view.waitingPages(board.waiting) - 1);
  view.drawServing(calls, pageNo, blinking);
  view.drawRecent(board.recent_calls);
  view.drawWaiting(board.waiting, waitingNo);
  view.drawRough(board.forecast);
}

function noteCalls() {
  for (const call of watch.look(board, nowMs())) {
    view.startBlink(blinking, call);
    captions.push(call);
    const calls = rows();
    pageNo = Math.max(0, pageOf(calls, layoutFor(calls.length).size, rowKey(call)));
    holdUntil = Date.now() + CALLED_PAGE_MS;
  }
}

function nextCaption() {
  if (board === null || Date.now() < captionUntil) return;
  if (captions.length > 0) {
    view.drawCaption(captions.shift(), true);
    captionUntil = Date.now() + CAPTION_MS;
    captioned = true;
  } else if (!captioned && board.recent_calls.length > 0) {
    view.drawCaption(board.recent_calls[0], false);
    captioned = true;
  } else if (!captioned) {
    view.drawNoCaption();
  }
}

function drawLink() {
  if (answering) {
    view.drawOutage(null);
  } else if (lastGood === null) {
    view.drawOutage(t('first_outage'));
  } else {
    view.drawOutage(t('outage', { since: clockHMS(lastGood) }));
  }
}

async function load() {
  try {
    board = await get('/board');
    answering = true;
    lastGood = nowMs();
    noteCalls();
    draw();
    nextCaption();
  } catch (error) {
    if (error.status === undefined) throw error;
    answering = false;
  }
  drawLink();
}

const refresh = coalesce(load, SETTLE_MS);

const stream = new LiveStream('calls', {
  onEvent: refresh,
  onLink: (up) => {
    streamUp = up;
    refresh();
  },
});

let polls = 0;
function poll() {
  polls += 1;
  if (!streamUp || polls % POLLS_WITH_STREAM === 0) refresh();
}

function turnPage() {
  if (board === null) return;
  const calls = rows();
  if (Date.now() >= holdUntil) pageNo = (pageNo + 1) % pagesOf(calls.length, layoutFor(calls.length).size);
  waitingNo = (waitingNo + 1) % view.waitingPages(board.waiting);
  draw();
}

let shift = 0;
function moveALittle() {
  shift = (shift + 1) % SHIFTS.length;
  const [x, y] = SHIFTS[shift];
  byId('stage').style.transform = `translate(${x}px, ${y}px)`;
}

view.drawTicker();
view.drawClock();
setInterval(view.drawClock, 1000);
setInterval(nextCaption, 500);
setInterval(turnPage, PAGE_MS);
setInterval(poll, POLL_MS);
setInterval(moveALittle, SHIFT_MS);
refresh();
stream.start();
