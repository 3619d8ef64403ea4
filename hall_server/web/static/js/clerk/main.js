// The clerk's page: log-in, the console, its keys and its live line.

import { confirm } from '../lib/dialog.js';
import { byId } from '../lib/dom.js';
import { pageKeys } from '../lib/keys.js';
import { showLink } from '../lib/link.js';
import { LiveStream, coalesce } from '../lib/live.js';
import { t } from '../lib/page.js';
import { Session } from '../lib/session.js';
import { actions, setUp } from './commands.js';
import { issueDialog } from './issue.js';
import { active, loadDevices, loadHall, loadWindow, state } from './state.js';
import { drawTrouble } from './trouble.js';
import { announce, draw, drawClock, makeButtons, mayBook } from './view.js';

// Minutes of waiting move on although nothing happens; and a desk without a stream has to ask.
const POLL_MS = 15000;
const POLL_WITHOUT_STREAM_MS = 3000;
// Several events of one command arrive together.
const SETTLE_MS = 150;

/** Work that may fail while the server is away; the bar says so, and it is tried again. */
function quietly(work, then) {
  return async () => {
    if (state.session === null) return;
    try {
      await work();
      then();
    } catch (error) {
      if (error.status === undefined) throw error;
    }
  };
}

function drawAll() {
  draw();
  drawTrouble();
}

const refreshWindow = coalesce(quietly(loadWindow, drawAll), SETTLE_MS);
const refreshHall = coalesce(quietly(loadHall, draw), SETTLE_MS);
const refreshDevices = coalesce(quietly(loadDevices, drawTrouble), SETTLE_MS);

let streamUp = false;
const stream = new LiveStream('tickets,windows,devices', {
  onEvent: (event) => {
    if (event.type === 'device.status') refreshDevices();
    else refreshWindow();
    if (event.type.startsWith('window.') || event.type === 'hall.changed') refreshHall();
  },
  onLink: (up, since) => {
    streamUp = up;
    showLink(up, since);
    if (!up) return;
    refreshWindow();
    refreshHall();
    refreshDevices();
  },
});

// A key pressed while the desk is still being fetched waits for it.
let fetched = Promise.resolve();

async function fetchDesk() {
  try {
    await Promise.all([loadWindow(), loadHall()]);
    drawAll();
  } catch (error) {
    if (error.status === undefined) throw error;
    announce(error.message, true);
  }
}

async function issue() {
  await fetched;
  if (state.session === null || state.hall === null) return;
  await issueDialog();
  refreshWindow();
}
actions.issue = issue;

const session = new Session({
  roles: ['clerk', 'guide', 'manager'],
  onIn: (info) => {
    state.session = info;
    state.window = null;
    draw();
    byId('desk').focus({ preventScroll: true });
    announce('', false);
    fetched = fetchDesk();
    refreshDevices();
    stream.start();
  },
  onOut: () => {
    state.session = null;
    stream.stop();
  },
});
session.mayLeave = async () => {
  const ticket = active();
  return ticket === null || confirm(t('confirm_logout', { ticket: ticket.number }), t('log_out'));
};

const atWindow = () => state.session !== null && state.window !== null;
const onWindow = (action) => async () => {
  await fetched;
  if (atWindow()) await action();
};

setUp({ draw: drawAll, announce });
makeButtons();
pageKeys(() => state.session !== null, {
  ' ': onWindow(actions.next),
  Enter: onWindow(actions.next),
  F2: onWindow(actions.next),
  r: onWindow(actions.recall),
  s: onWindow(actions.start),
  f: onWindow(actions.finish),
  n: onWindow(actions.noShow),
  b: onWindow(actions.supplement),
  k: onWindow(actions.park),
  t: onWindow(actions.transfer),
  p: onWindow(actions.pause),
  o: onWindow(actions.close),
  d: issue,
  a: () => {
    if (mayBook()) byId('to-appointments').click();
  },
});
setInterval(drawClock, 1000);
setInterval(refreshWindow, POLL_MS);
setInterval(() => {
  if (!streamUp) refreshWindow();
}, POLL_WITHOUT_STREAM_MS);
session.begin();
