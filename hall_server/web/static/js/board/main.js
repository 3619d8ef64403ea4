// The hall's TV board.

import { get } from '../lib/api.js';
import { byId } from '../lib/dom.js';
import { LiveStream, coalesce } from '../lib/live.js';
import { english, outdated, page, speak, t } from '../lib/page.js';
import { moveALittle, noticesFor } from '../lib/screen.js';
import { dayHM, nowMs, steadyMs } from '../lib/time.js';
import { Captions } from './captions.js';
import { CallWatch, NoticeWatch, closed, layoutFor, pageOf, pagesOf, rowKey, stillCalled } from './model.js';
import { publicParts } from './public.js';
import { Side } from './side.js';
import { Strip, stripItems } from './strip.js';
import * as view from './view.js';

const PAGE_MS = 8000;
// A called row's page stays long enough to be read at the far end of the hall.
const CALLED_PAGE_MS = 12000;
const FRESH_MS = 10000;
// The stream tells of calls at once; the waiting lines, and a board without a stream, are asked for.
const POLL_MS = 2000;
const POLLS_WITH_STREAM = 5;
const SETTLE_MS = 60;
const TICK_MS = 500;
const PUBLIC_MS = 600000;
const LANGUAGE_MS = 15000;
// A hall whose server is away for this long is closed, or knows it.
const DIM_AFTER_MS = 1800000;

const calls = new CallWatch(FRESH_MS);
const spoken = new NoticeWatch(FRESH_MS);
const captions = new Captions();
const blinking = new Map();
const side = new Side();
const strip = new Strip();
let board = null;
let publicPages = [];
let parts = [];
let lastGood = null;
let silentFrom = 0;
let streamUp = false;
let answering = false;
let pageNo = 0;
let turnAt = steadyMs() + PAGE_MS;

const rows = () => board.now_serving.slice().sort((a, b) => a.window - b.window);

function drawSide() {
  view.drawPublic(side.part);
  view.drawWaiting(board.waiting, Math.max(0, side.waitingPage), board.forecast === 'nominal');
}

function draw() {
  if (board === null) return;
  const serving = rows();
  pageNo = Math.min(pageNo, pagesOf(serving.length, layoutFor(serving.length, board).size) - 1);
  view.drawServing(board, serving, pageNo, blinking);
  view.drawNobody(serving.length === 0, closed(board));
  view.drawRecent(board.recent_calls);
  drawSide();
  view.drawClosing(board);
  if (captions.shown === null) view.drawCaption(board, null, false);
}

/** Shows the page with this call's row, blinking. */
function turnTo(call) {
  const serving = rows();
  view.startBlink(blinking, call);
  pageNo = Math.max(0, pageOf(serving, layoutFor(serving.length, board).size, rowKey(call)));
  turnAt = steadyMs() + CALLED_PAGE_MS;
}

function noteNews() {
  for (const call of calls.look(board, nowMs())) {
    view.startBlink(blinking, call);
    captions.addCall(call);
  }
  for (const notice of spoken.look(noticesFor(board, 'voice', nowMs()), nowMs())) captions.addNotice(notice);
}

function nextCaption() {
  if (board === null) return;
  const running = noticesFor(board, 'voice', nowMs()).map((notice) => notice.id);
  const caption = captions.next(
    steadyMs(),
    (call) => stillCalled(board, call),
    (notice) => running.includes(notice.id),
  );
  if (caption === undefined) return;
  if (caption !== null && caption.call) {
    turnTo(caption.call);
    draw();
  }
  captions.runsFor(view.drawCaption(board, caption, true));
}

function drawLink() {
  if (answering) {
    view.drawOutage(null);
  } else if (lastGood === null) {
    view.drawOutage(t('first_outage'));
  } else {
    view.drawOutage(t('outage', { since: dayHM(lastGood) }));
  }
  view.dim(board !== null && (answering ? closed(board) : steadyMs() - silentFrom > DIM_AFTER_MS));
}

async function load() {
  try {
    board = await get('/board');
    answering = true;
    lastGood = nowMs();
    silentFrom = steadyMs();
    noteNews();
    nextCaption();
    draw();
    drawClock();
  } catch (error) {
    if (error.status === undefined) throw error;
    answering = false;
  }
  drawLink();
}

async function loadPublic() {
  try {
    publicPages = (await get('/public-pages')).pages;
    cutPublic();
  } catch (error) {
    // What was made public this morning stays true.
    if (error.status === undefined) throw error;
  }
}

function cutPublic() {
  const made = publicParts(publicPages, english, (label) => t('continued', { label }));
  if (JSON.stringify(made) === JSON.stringify(parts)) return;
  parts = made;
  side.startParts();
}

const refresh = coalesce(load, SETTLE_MS);
const refreshPublic = coalesce(loadPublic, SETTLE_MS);

/** The server came back, or the hall changed: another version of it may fill this page otherwise. */
const renew = coalesce(async () => {
  if (await outdated()) location.reload();
}, SETTLE_MS);

const stream = new LiveStream('calls,windows', {
  onEvent: (event) => {
    refresh();
    if (event.type !== 'hall.changed') return;
    refreshPublic();
    renew();
  },
  onLink: (up) => {
    streamUp = up;
    refresh();
    if (!up) return;
    refreshPublic();
    renew();
  },
});

let polls = 0;
function poll() {
  polls += 1;
  if (!streamUp || polls % POLLS_WITH_STREAM === 0) refresh();
}

function tick() {
  nextCaption();
  strip.turn(stripItems(board, nowMs()), steadyMs());
  if (board === null) return;
  const now = steadyMs();
  if (side.turn(now, view.waitingPages(board.waiting), parts, !captions.busy)) drawSide();
  if (now < turnAt) return;
  const serving = rows();
  pageNo = (pageNo + 1) % pagesOf(serving.length, layoutFor(serving.length, board).size);
  turnAt = now + PAGE_MS;
  draw();
}

/** Before the first answer nobody knows what the clock of this computer is worth. */
function drawClock() {
  if (lastGood !== null) view.drawClock();
}

function otherLanguage() {
  speak(english ? 'zh' : 'en');
  view.drawFrame();
  drawClock();
  cutPublic();
  draw();
  // A notice is there in both languages, and perhaps on its way.
  if (captions.shown !== null && captions.shown.call) view.drawCaption(board, captions.shown, false);
  drawLink();
}

view.drawFrame();
setInterval(drawClock, 1000);
setInterval(tick, TICK_MS);
setInterval(poll, POLL_MS);
setInterval(refreshPublic, PUBLIC_MS);
if (page.words_by) setInterval(otherLanguage, LANGUAGE_MS);
moveALittle(byId('stage'));
refresh();
refreshPublic();
stream.start();
