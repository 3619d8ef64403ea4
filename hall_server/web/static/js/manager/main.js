// The manager's page: the live hall, and the matrix of windows and services.

import { get, put } from '../lib/api.js';
import { byId, fill, h, say, show } from '../lib/dom.js';
import { showLink } from '../lib/link.js';
import { LiveStream, coalesce } from '../lib/live.js';
import { t } from '../lib/page.js';
import { Session } from '../lib/session.js';
import { clockHMS, nowMs } from '../lib/time.js';
import { drawAudit } from './audit.js';
import { Dial } from './dial.js';
import { confirmLeftBehind } from './leftbehind.js';
import { drawLines, drawTiles, drawWarnings, unservedServices } from './live.js';
import { Matrix } from './matrix.js';
import { beginNotices, drawNotices } from './notices.js';
import { Draft, ServiceIndex, Taken } from './profile.js';
import { Rows } from './rows.js';
import { editRules } from './rules.js';
import { beginSummary } from './summary.js';

const SETTLE_MS = 400;
// Waiting times and forecasts move on although nothing happens.
const POLL_MS = 10000;

const DECIDED = ['jumps=true', 'type=profile.changed', 'type=hall.changed', 'type=ticket.reprinted'];
const MOST_DECIDED = 20;
const TABS = ['live', 'matrix', 'dial'];

const state = { in: false, hall: null, windows: [], stranded: [], board: null, waiting: [], devices: [], decided: [], told: null };
const rows = new Rows();
const draft = new Draft();
let index = null;
let saving = false;

const windowWords = (numbers) => numbers.map((n) => t('window_n', { n })).join(t('list_comma'));

function drawDraft(message = null) {
  const n = draft.size;
  const words = n ? t('draft_n', { windows: windowWords(draft.numbers), n }) : t('draft_none');
  say(byId('draft-text'), message ?? words);
  byId('draft').classList.toggle('draft-open', n > 0);
  byId('draft').classList.toggle('draft-saved', message !== null && n === 0);
  byId('save').disabled = n === 0 || saving;
  byId('discard').disabled = n === 0 || saving;
  say(byId('draft-count'), String(n));
  show(byId('draft-count'), n > 0);
}

const matrix = new Matrix(byId('grid'), { rows, draft, onChange: () => drawDraft(), onWindow: (w) => changeRules(w) });
const dial = new Dial();

async function changeRules(w) {
  const rules = await editRules(w, { hall: state.hall, windows: state.windows, index, rules: draft.rulesOf(w.number) });
  if (rules === null) return;
  draft.setRules(w.number, rules);
  matrix.drawHead();
  matrix.drawRows();
  drawDraft();
}

function drawLive() {
  drawTiles(state.hall, state.windows);
  drawLines(state.hall, state.board, state.waiting, state.alarms);
  drawWarnings(state);
  drawAudit(state.decided);
  drawNotices(state.told);
}

/** The profiles in force changed or were seen for the first time. */
function takeProfiles() {
  draft.rebase(new Map(state.windows.map((w) => [w.number, new Taken(w.profile.rules, index)])), index);
}

function drawMatrix() {
  matrix.show({ ...state.hall, windows: state.windows }, unservedServices(state.hall, state.windows));
}

/** Today's latest calls out of turn and changes of what the windows take and who goes first. */
async function decisions() {
  const pages = await Promise.all(DECIDED.map((query) => get(`/journal?${query}&limit=${MOST_DECIDED}`)));
  const byHand = (entry) => entry.type !== 'hall.changed' || entry.actor.startsWith('staff:');
  return pages.flatMap((one) => one.entries).filter(byHand).sort((a, b) => b.seq - a.seq).slice(0, MOST_DECIDED);
}

async function load() {
  if (!state.in) return;
  try {
    const [hall, windows, board, waiting, devices, told, decided] = await Promise.all([
      get('/hall'),
      get('/windows'),
      get('/board'),
      get('/tickets?state=waiting'),
      get('/devices'),
      get('/notices'),
      decisions(),
    ]);
    state.alarms = windows.alarms;
    state.notices = (await get('/health')).notices;
    const sorted = windows.windows.slice().sort((a, b) => a.number - b.number);
    Object.assign(state, { hall, windows: sorted, stranded: windows.stranded, board, waiting: waiting.tickets, devices: devices.devices, told, decided });
  } catch (error) {
    if (error.status === undefined) throw error;
    return;
  }
  index = new ServiceIndex(state.hall);
  takeProfiles();
  drawLive();
  drawMatrix();
  dial.show(state.hall.priority_classes);
  if (!saving && draft.size) drawDraft();
}

const refresh = coalesce(load, SETTLE_MS);

function noteForeignChange(event) {
  const number = event.window && event.window.number;
  if (saving || !draft.numbers.includes(number)) return;
  fill(byId('draft-errors'), h('li', {}, t('changed_elsewhere', { window: t('window_n', { n: number }) })));
}

const stream = new LiveStream('tickets,windows,devices', {
  onEvent: (event) => {
    if (event.type === 'profile.changed') noteForeignChange(event);
    refresh();
  },
  onLink: (up, since) => {
    showLink(up, since);
    if (up) refresh();
  },
});

/** Saves one window's profile; returns what went wrong, or null. */
async function saveWindow(number) {
  try {
    const profile = await put(`/windows/${number}/profile`, { rules: draft.profileOf(number) });
    const taken = new Map(draft.taken);
    taken.set(number, new Taken(profile.rules, index));
    draft.rebase(taken, index);
    return null;
  } catch (error) {
    if (error.status === undefined) throw error;
    return t('save_failed', { window: t('window_n', { n: number }), error: error.message });
  }
}

async function save() {
  if (saving || draft.size === 0) return;
  if (!(await confirmLeftBehind(draft, state))) return;
  saving = true;
  drawDraft(t('saving'));
  const numbers = draft.numbers;
  const problems = [];
  const done = [];
  for (const number of numbers) {
    const problem = await saveWindow(number);
    if (problem === null) done.push(number);
    else problems.push(problem);
  }
  saving = false;
  fill(byId('draft-errors'), problems.map((text) => h('li', {}, text)));
  matrix.drawHead();
  const message = t('saved', { time: clockHMS(nowMs()), windows: windowWords(done) });
  drawDraft(done.length && !problems.length ? message : null);
  matrix.drawRows();
  refresh();
}

function discard() {
  draft.clear();
  fill(byId('draft-errors'));
  matrix.drawHead();
  matrix.drawRows();
  drawDraft();
}

function showTab() {
  const name = TABS.find((tab) => location.hash === `#${tab}`) ?? 'live';
  for (const tab of TABS) {
    show(byId(tab), tab === name);
    byId(`tab-${tab}`).setAttribute('aria-selected', String(tab === name));
  }
  matrix.resize();
  window.scrollTo(0, 0);
}

const session = new Session({
  roles: ['manager'],
  onIn: () => {
    state.in = true;
    showTab();
    refresh();
    stream.start();
  },
  onOut: () => {
    state.in = false;
    stream.stop();
  },
});

byId('filter').addEventListener('input', (event) => {
  rows.filter = event.target.value;
  byId('grid').scrollTop = 0;
  matrix.draw();
});
byId('unserved').addEventListener('change', (event) => {
  rows.onlyUnserved = event.target.checked;
  matrix.draw();
});
for (const [id, unfolded] of [['expand', true], ['collapse', false]]) {
  byId(id).addEventListener('click', () => {
    if (state.hall === null) return;
    rows.setAll(state.hall, unfolded);
    matrix.draw();
  });
}
byId('save').addEventListener('click', save);
byId('discard').addEventListener('click', discard);
window.addEventListener('hashchange', showTab);
window.addEventListener('beforeunload', (event) => {
  if (draft.size === 0 && !dial.changed) return;
  event.preventDefault();
  event.returnValue = t('leave_unsaved');
});
beginSummary();
beginNotices(refresh);
setInterval(refresh, POLL_MS);
session.begin();
