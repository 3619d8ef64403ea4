// A day's appointments: found, checked in, made, given back, imported.

import { command, get } from '../lib/api.js';
import { confirm, dialogOpen } from '../lib/dialog.js';
import { byId, say, show } from '../lib/dom.js';
import { pageKeys } from '../lib/keys.js';
import { showLink } from '../lib/link.js';
import { LiveStream, coalesce } from '../lib/live.js';
import { t } from '../lib/page.js';
import { Session } from '../lib/session.js';
import { dayName, isoHM, plusDays } from '../lib/time.js';
import { bookDialog } from './book.js';
import { checkInDialog } from './checkin.js';
import { importDialog } from './importing.js';
import { draw, noneText, onlyShown, serviceOf, setActions } from './list.js';

const POLL_MS = 10000;
const SETTLE_MS = 200;
const CODE = /^\d{8}$/;

// `day` null is today, also when the day ends while the page is open.
const state = { session: null, hall: null, day: null, today: null, list: null, search: '', only: null };

function announce(text, bad) {
  const line = byId('said');
  line.className = `said ${bad ? 'said-bad' : 'said-good'}`;
  say(line, text);
}

async function load() {
  if (state.session === null) return;
  const asked = state.day;
  try {
    const [list, hall] = await Promise.all([get(`/appointments${asked === null ? '' : `?day=${asked}`}`), state.hall ?? get('/hall')]);
    if (asked !== state.day) return;
    Object.assign(state, { list, hall });
    if (asked === null) state.today = list.day;
    draw(state);
  } catch (error) {
    if (error.status === undefined) throw error;
    if (error.status !== 0) announce(error.message, true);
  }
}

const refresh = coalesce(load, SETTLE_MS);

const stream = new LiveStream('tickets', {
  onEvent: refresh,
  onLink: (up, since) => {
    showLink(up, since);
    if (up) refresh();
  },
});

function goTo(day) {
  if (!day) return;
  state.day = day === state.today ? null : day;
  state.only = null;
  load();
}

const shownDay = () => (state.list === null ? null : state.day ?? state.list.day);

async function checkIn(entry) {
  const ticket = await checkInDialog(entry, state);
  if (ticket !== null) announce('', false);
  refresh();
}

async function giveBack(entry) {
  const question = t('give_back_title', { day: dayName(entry.starts.slice(0, 10)), time: isoHM(entry.starts), service: entry.service_name });
  if (!(await confirm(question, t('give_back'), { no: t('back') }))) return;
  try {
    await command(`/appointments/${entry.code}/cancel`);
    announce(t('given_back', { code: entry.code }), false);
  } catch (error) {
    announce(error.message, true);
  }
  load();
}

async function book() {
  if (state.hall === null || state.list === null || !state.list.rules.enabled) return;
  const day = await bookDialog(state.hall, state.list.rules, shownDay());
  if (day !== null) goTo(day);
  else refresh();
}

async function importTable() {
  if (state.hall === null || state.list === null || !state.list.rules.enabled) return;
  const day = await importDialog(state.hall, state.list.rules);
  if (day !== null) goTo(day);
}

/** A code may be of today while another day is shown. */
async function codesOfToday(code) {
  if (state.day === null || !CODE.test(code)) return [];
  return (await get('/appointments')).appointments.filter((entry) => entry.code === code);
}

/** Enter in the search: the only one that is found is checked in, or it is said why not. */
async function found(event) {
  event.preventDefault();
  const wanted = byId('search').value.trim();
  if (!wanted || state.list === null) return;
  try {
    const shown = onlyShown(state);
    const entries = shown.length ? shown : await codesOfToday(wanted);
    const booked = entries.filter((entry) => entry.state === 'booked');
    if (booked.length === 1) checkIn({ ...booked[0], service_name: serviceOf(state.hall, booked[0]) });
    else if (booked.length > 1) announce(t('enter_several', { n: booked.length }), true);
    else if (entries.length) announce(t('enter_state', { code: entries[0].code, state: t(`state_${entries[0].state}`) }), true);
    else announce(noneText(state), true);
  } catch (error) {
    announce(error.message, true);
  }
}

const session = new Session({
  roles: ['guide', 'manager'],
  onIn: (info) => {
    state.session = info;
    show(byId('import'), info.staff.role === 'manager');
    show(byId('to-manager'), info.staff.role === 'manager');
    byId('search').focus();
    load();
    stream.start();
  },
  onOut: () => {
    state.session = null;
    stream.stop();
  },
});

setActions({
  checkIn,
  giveBack,
  choose: (only) => {
    state.only = only;
    draw(state);
  },
});
byId('day').addEventListener('change', (event) => goTo(event.target.value));
byId('day-before').addEventListener('click', () => shownDay() && goTo(plusDays(shownDay(), -1)));
byId('day-after').addEventListener('click', () => shownDay() && goTo(plusDays(shownDay(), 1)));
byId('today').addEventListener('click', () => goTo(state.today));
byId('search').addEventListener('input', (event) => {
  state.search = event.target.value;
  if (state.list !== null) draw(state);
});
byId('search').addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target.value === '') byId('desk').focus();
});
byId('search-form').addEventListener('submit', found);
byId('new').addEventListener('click', book);
byId('import').addEventListener('click', importTable);
pageKeys(() => state.session !== null, { n: book, F2: book, '/': () => byId('search').focus() });
setInterval(() => {
  if (!dialogOpen()) refresh();
}, POLL_MS);
session.begin();
