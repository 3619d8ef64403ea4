// What the clerk's page knows, and what may be done now.

import { forgetUndecided, get } from '../lib/api.js';
import { serviceNameIn, t } from '../lib/page.js';

const WHY_KEY = 'hall.why';

export const state = {
  session: null,
  hall: null,
  window: null,
  waiting: [],
  parked: [],
  // Whom no open window can call while this one is shut.
  stranded: [],
  devices: [],
  busy: false,
};

export const active = () => (state.window && state.window.active) || null;

let newest = 0;
let latest = null;

/** Fetches the window and its lines. Throws ApiError. */
export function loadWindow() {
  newest += 1;
  latest = fetchWindow(newest);
  return latest;
}

/** A command begins: whatever is being fetched now shows the window as it was before. */
export function outdateFetches() {
  newest += 1;
  latest = null;
}

/** Takes the answers only if nothing newer was asked for meanwhile; else waits for that. */
async function fetchWindow(id) {
  const number = state.session.window;
  if (number === null) return null;
  const [live, waiting, parked] = await Promise.all([
    get(`/windows/${number}`),
    get(`/tickets?state=waiting&window=${number}`),
    get('/tickets?state=parked'),
  ]);
  const stranded = live.state === 'open' ? [] : (await get('/windows')).stranded;
  if (id !== newest) return latest;
  state.stranded = stranded.filter((entry) => entry.windows.includes(number));
  state.window = live;
  state.waiting = waiting.tickets;
  // A window that closed leaves its people to the others: its own come first.
  state.parked = parked.tickets.sort((a, b) => (b.window === number) - (a.window === number));
  forgetUndecided();
  return null;
}

export async function loadHall() {
  state.hall = await get('/hall');
}

export async function loadDevices() {
  state.devices = (await get('/devices')).devices;
}

/** Why the active ticket was called, kept over a reload of the page. */
export function rememberWhy(ticket, why) {
  try {
    sessionStorage.setItem(WHY_KEY, JSON.stringify({ id: ticket.id, why }));
  } catch (error) {
    // Without storage the reason is gone after a reload, nothing else.
  }
}

export function whyOf(ticket) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(WHY_KEY));
    return kept && kept.id === ticket.id ? kept.why : null;
  } catch (error) {
    return null;
  }
}

function needIdle() {
  const ticket = active();
  if (ticket === null) return null;
  return t(ticket.state === 'called' ? 'need_idle_called' : 'need_idle_serving', { ticket: ticket.number });
}

function needState(word, ...states) {
  const ticket = active();
  return ticket !== null && states.includes(ticket.state) ? null : t(word);
}

const needOpen = () => (state.window.state === 'open' ? null : t('need_open'));

const RULES = {
  'call-next': () => needOpen() ?? needIdle(),
  call: () => needOpen() ?? needIdle(),
  resume: () => needOpen() ?? needIdle(),
  recall: () => needState('need_called', 'called'),
  start: () => needState('need_called', 'called'),
  'no-show': () => needState('need_called', 'called'),
  finish: () => needState('need_serving', 'serving'),
  supplement: () => needState('need_serving', 'serving'),
  requeue: () => null,
  park: () => needState('need_serving', 'serving'),
  transfer: () => needState('need_active', 'called', 'serving'),
  pause: () => needOpen(),
  open: () => null,
  close: () => needIdle(),
  issue: () => null,
};

/** Null when the verb may be used now, else the sentence that says why not. */
export function obstacle(verb) {
  if (verb === 'issue') return null;
  if (state.window === null) return t('need_open');
  return RULES[verb]();
}

/** Whether this no-show makes the active ticket void by the hall's rule. */
export function noShowVoids(ticket) {
  const rule = state.hall && state.hall.policy.missed_call;
  if (!rule) return false;
  return rule.policy === 'void' || ticket.passes + 1 >= rule.max_passes;
}

/** The service's name in the page's language. */
export const serviceName = (ticket) => serviceNameIn(state.hall, ticket.service_id, ticket.service_name);

/** The names of the services still to be done after this one. */
export const laterNames = (ticket) => ticket.more_services.map(({ id, name }) => serviceNameIn(state.hall, id, name));

export function priorityOf(ticket) {
  const classes = (state.hall && state.hall.priority_classes) || [];
  return classes.find((entry) => entry.id === ticket.priority_class) ?? null;
}
