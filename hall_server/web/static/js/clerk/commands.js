// The verbs at a window: one at a time, each done once.

import { command, get } from '../lib/api.js';
import { choose, confirm, openDialog } from '../lib/dialog.js';
import { h } from '../lib/dom.js';
import { nameOf, t } from '../lib/page.js';
import { picker } from '../lib/picker.js';
import { askToGoOn } from './leftbehind.js';
import { askReason } from './reason.js';
import { active, loadWindow, noShowVoids, obstacle, outdateFetches, rememberWhy, serviceName, state } from './state.js';

let redraw = () => {};
let speak = () => {};

/** `draw()` brings the page up to date; `announce(text, bad)` says what happened. */
export function setUp({ draw, announce }) {
  redraw = draw;
  speak = announce;
}

const SAID = { 'call-next': 'next', 'no-show': 'no_show' };

/** Which open windows may call somebody who was sent on: "（2、3 号窗口）", or nothing. */
async function whereTo(ticket) {
  if (!ticket || ticket.state !== 'waiting') return '';
  try {
    const { windows } = await get('/windows');
    const takers = windows.filter((w) => w.state === 'open' && w.services_now.includes(ticket.service_id));
    return takers.length ? t('place_windows', { windows: takers.map((w) => w.number).join(t('list_comma')) }) : '';
  } catch (error) {
    if (error.status === undefined) throw error;
    return '';
  }
}

async function said(verb, ticket, target) {
  if (verb === 'call-next' && !ticket) return t('did_next_none');
  if (verb === 'finish' && ticket && ticket.outcome) return t('did_supplement', { ticket: ticket.number });
  if (verb === 'finish' && ticket && ticket.state === 'waiting') {
    return t('did_finish_next', { ticket: ticket.number, service: serviceName(ticket), windows: await whereTo(ticket) });
  }
  if (verb === 'transfer' && ticket) {
    const place = target.window !== undefined ? t('place_window', { n: target.window }) : t('place_service', { service: serviceName(ticket), windows: await whereTo(ticket) });
    return t('did_transfer_to', { ticket: ticket.number, place });
  }
  return t(`did_${SAID[verb] ?? verb}`, { ticket: ticket ? ticket.number : '' });
}

/** What the window's answer changes at once, before the next full look. */
function apply(answer) {
  const ticket = answer.ticket;
  const current = ticket && ['called', 'serving'].includes(ticket.state) ? ticket : null;
  const here = current && current.window === answer.window.number;
  state.window = { ...state.window, ...answer.window, active: here ? current : state.window.active };
  if (!answer.window.ticket) state.window.active = null;
}

/** Sends a verb; while one is on its way further presses do nothing. */
export async function send(verb, body = {}) {
  if (state.busy) return;
  const problem = obstacle(verb);
  if (problem !== null) {
    speak(problem, true);
    return;
  }
  const before = active();
  state.busy = true;
  outdateFetches();
  redraw();
  let left = [];
  try {
    const answer = await command(`/windows/${state.session.window}/${verb}`, body);
    if (answer.ticket && answer.why) rememberWhy(answer.ticket, answer.why);
    apply(answer);
    left = answer.left_behind;
    speak(await said(verb, answer.ticket ?? before, body), false);
  } catch (error) {
    speak(error.message, true);
  } finally {
    state.busy = false;
    outdateFetches();
    redraw();
  }
  refresh();
  if (left.length && (await askToGoOn(left, state.session.window))) await send('open');
}

/** Somebody who waits is called by hand; out of turn only with a reason. */
export async function callByHand(ticket) {
  const problem = obstacle('call');
  if (problem !== null) {
    speak(problem, true);
    return;
  }
  const first = state.waiting[0];
  if (first === undefined || first.id === ticket.id) {
    await send('call', { ticket_id: ticket.id });
    return;
  }
  const reason = await askReason(ticket.number, first.number);
  if (reason !== null) await send('call', { ticket_id: ticket.id, reason });
}

/** Fetches the window anew; a failure is the connection line's to tell. */
async function refresh() {
  try {
    await loadWindow();
    redraw();
  } catch (error) {
    if (error.status !== 0) speak(error.message, true);
  }
}

async function noShow() {
  const ticket = active();
  if (obstacle('no-show') === null && noShowVoids(ticket)) {
    const question = ticket.passes
      ? t('confirm_void', { ticket: ticket.number, passes: ticket.passes })
      : t('confirm_void_first', { ticket: ticket.number });
    if (!(await confirm(question, t('confirm_void_yes')))) return;
  }
  await send('no-show');
}

async function pauseOrOpen() {
  if (state.window && state.window.state !== 'open') {
    await send('open');
    return;
  }
  if (obstacle('pause') !== null) {
    speak(obstacle('pause'), true);
    return;
  }
  const reasons = ['pause_1', 'pause_2', 'pause_3', 'pause_4'].map((key) => ({ value: t(key), label: t(key) }));
  const reason = await choose(t('pause_title'), reasons);
  if (reason !== null) await send('pause', { reason });
}

function transferItems() {
  const windows = state.hall.windows
    .filter((w) => w.number !== state.session.window)
    .map((w) => ({
      value: { window: w.number },
      label: `${t('window_n', { n: w.number })} ${w.name}`,
      note: t(`state_${w.state}`),
      disabled: w.state !== 'open',
      group: t('transfer_window'),
    }));
  const services = state.hall.categories.flatMap((category) =>
    category.services.map((service) => ({
      value: { service_id: service.id },
      label: nameOf(service),
      group: `${t('transfer_service')} · ${nameOf(category)}`,
    })),
  );
  return [...windows, ...services];
}

async function transfer() {
  const problem = obstacle('transfer');
  if (problem !== null) {
    speak(problem, true);
    return;
  }
  const title = t('transfer_title', { ticket: active().number });
  const target = await openDialog(title, (close) => picker(transferItems(), close), { wide: true });
  if (target !== null) await send('transfer', target);
}

/** Whoever lacked papers or missed a call came back: chosen from today's. */
async function comeBack() {
  let found = [];
  try {
    found = (await get('/tickets?state=no_show,done')).tickets;
  } catch (error) {
    speak(error.message, true);
    return;
  }
  const people = found.filter((ticket) => ticket.state === 'no_show' || ticket.outcome);
  if (people.length === 0) {
    speak(t('back_none'), true);
    return;
  }
  const items = people.map((ticket) => ({
    value: ticket.id,
    label: `${ticket.number} ${serviceName(ticket)}`,
    note: ticket.outcome ? t('lacks_papers') : t('ticket_no_show'),
  }));
  const note = h('p', { class: 'muted' }, t('back_later_day'));
  const id = await openDialog(t('back_title'), (close) => [...picker(items, close), note], { wide: true });
  if (id !== null) await send('requeue', { ticket_id: id });
}

export const actions = {
  next: () => {
    if (state.window && state.window.state !== 'open') return send('open');
    return send('call-next');
  },
  recall: () => send('recall'),
  start: () => send('start'),
  finish: () => send('finish'),
  noShow,
  supplement: () => send('finish', { outcome: 'supplement' }),
  comeBack,
  park: () => send('park'),
  transfer,
  pause: pauseOrOpen,
  close: () => send('close'),
};
