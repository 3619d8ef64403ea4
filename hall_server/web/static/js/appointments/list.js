// Draws a day's bookings.

import { byId, fill, h, keyed, say, show } from '../lib/dom.js';
import { serviceNameIn, t } from '../lib/page.js';
import { dayName, isoHM } from '../lib/time.js';

const STATES = ['booked', 'arrived', 'no_show', 'cancelled'];

let act = {};

/** `checkIn(entry)`, `giveBack(entry)`, `choose(state or null)`. */
export function setActions(actions) {
  act = actions;
}

const plain = (text) => text.toLowerCase().replace(/\s+/g, '');

/** The name of a booking's service in the page's language. */
export const serviceOf = (hall, entry) => serviceNameIn(hall, entry.service_id, entry.service_name);

/** Those that the search finds, whatever their state. */
function matching({ list, hall, search }) {
  const wanted = plain(search);
  return list.appointments.filter((entry) => plain(`${entry.code} ${entry.service_name} ${serviceOf(hall, entry)}`).includes(wanted));
}

/** Those that are shown: found, and in the state that was chosen. */
export function onlyShown(state) {
  if (state.list === null) return [];
  return matching(state).filter((entry) => state.only === null || entry.state === state.only);
}

function drawStates(state) {
  const found = matching(state);
  const count = (name) => (name === null ? found : found.filter((entry) => entry.state === name)).length;
  keyed(
    byId('states'),
    [null, ...STATES],
    String,
    (name) => h('li', {}, h('button', { type: 'button', class: 'chip', onclick: () => act.choose(name) }, h('span', {}, t(name === null ? 'all' : `state_${name}`)), h('b', {}))),
    (node, name) => {
      const button = node.firstElementChild;
      say(button.lastElementChild, String(count(name)));
      button.setAttribute('aria-pressed', String(state.only === name));
    },
  );
}

function newRow() {
  return h(
    'tr',
    {},
    h('th', { scope: 'row', class: 'when' }),
    h('td', {}),
    h('td', { class: 'code' }),
    h('td', {}),
    h('td', {}, h('span', {})),
    h(
      'td',
      { class: 'acts' },
      h('button', { type: 'button', class: 'button button-bad-quiet' }, t('give_back')),
      h('button', { type: 'button', class: 'button button-main' }, t('check_in')),
    ),
  );
}

function updateRow(node, entry, state, first) {
  const [when, service, code, channel, standing, acts] = node.children;
  const [giveBack, checkIn] = acts.children;
  const name = serviceOf(state.hall, entry);
  node.className = `row-${entry.state} ${first ? 'row-first' : ''}`;
  say(when, `${isoHM(entry.starts)}–${isoHM(entry.ends)}`);
  say(service, name);
  say(code, entry.code);
  say(channel, t(`channel_${entry.channel}`));
  standing.firstElementChild.className = `standing standing-${entry.state}`;
  say(standing.firstElementChild, t(`state_${entry.state}`));
  show(giveBack, entry.state === 'booked');
  show(checkIn, entry.state === 'booked' && state.day === null);
  giveBack.setAttribute('aria-label', `${t('give_back')} ${entry.code}`);
  checkIn.setAttribute('aria-label', `${t('check_in')} ${entry.code}`);
  giveBack.onclick = () => act.giveBack({ ...entry, service_name: name });
  checkIn.onclick = () => act.checkIn({ ...entry, service_name: name });
}

/** Why nothing is shown. */
export function noneText(state) {
  const wanted = state.search.trim();
  if (/^\d{8}$/.test(wanted)) return t('none_match_code', { code: wanted });
  if (wanted || state.only !== null) return t('none_match');
  return t(state.day === null ? 'none_today' : 'none_day');
}

/** Brings everything up to date. */
export function draw(state) {
  const { list, day } = state;
  const name = dayName(list.day);
  say(byId('day-name'), day === null ? t('today_is', { day: name }) : name);
  if (document.activeElement !== byId('day')) byId('day').value = list.day;
  byId('today').disabled = day === null;
  byId('new').disabled = !list.rules.enabled;
  byId('import').disabled = !list.rules.enabled;
  show(byId('estimated'), list.estimated);
  drawStates(state);
  const entries = onlyShown(state);
  const firsts = new Set(entries.filter((entry, i) => i === 0 || entries[i - 1].starts !== entry.starts).map((entry) => entry.code));
  keyed(byId('bookings'), entries, (entry) => entry.code, newRow, (node, entry) => updateRow(node, entry, state, firsts.has(entry.code)));
  show(byId('table'), entries.length > 0);
  show(byId('none'), entries.length === 0);
  fill(byId('none'), entries.length ? '' : noneText(state));
}
