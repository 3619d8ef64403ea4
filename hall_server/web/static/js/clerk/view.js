// Draws the clerk's page from the state.

import { byId, fill, h, keyed, say, show } from '../lib/dom.js';
import { english, nameOf, t } from '../lib/page.js';
import { minutesSince, nowMs, secondsSince, stopwatch } from '../lib/time.js';
import { actions, callByHand, send } from './commands.js';
import { active, laterNames, obstacle, priorityOf, serviceName, state, whyOf } from './state.js';

// More than fits on the screen helps nobody.
const MOST_WAITING = 60;

/** The buttons: verb, the word on it, its key, what it does. */
const BUTTONS = [
  { verb: 'call-next', word: 'verb_next', key: t('key_space'), run: () => actions.next(), kind: 'next' },
  { verb: 'recall', word: 'verb_recall', key: 'R', run: () => actions.recall() },
  { verb: 'start', word: 'verb_start', key: 'S', run: () => actions.start() },
  { verb: 'finish', word: 'verb_finish', key: 'F', run: () => actions.finish() },
  { verb: 'supplement', word: 'verb_supplement', key: 'B', run: () => actions.supplement() },
  { verb: 'no-show', word: 'verb_no_show', key: 'N', run: () => actions.noShow() },
  { verb: 'park', word: 'verb_park', key: 'K', run: () => actions.park() },
  { verb: 'transfer', word: 'verb_transfer', key: 'T', run: () => actions.transfer() },
  { verb: 'pause', word: 'verb_pause', key: 'P', run: () => actions.pause() },
  { verb: 'close', word: 'verb_close', key: 'O', run: () => actions.close() },
  { verb: 'issue', word: 'verb_issue', key: 'D', run: () => actions.issue(), kind: 'desk' },
];

/** A mouse click gives the focus back to the page, for its keys. */
function backToKeys(event) {
  if (event.detail > 0) byId('desk').focus({ preventScroll: true });
}

/** Makes the buttons once. */
export function makeButtons() {
  byId('back').onclick = (event) => {
    backToKeys(event);
    actions.comeBack();
  };
  fill(
    byId('verbs'),
    BUTTONS.map(({ verb, word, key, run, kind }) =>
      h(
        'button',
        {
          type: 'button',
          class: `verb ${kind ? `verb-${kind}` : ''}`,
          dataset: { verb },
          onclick: (event) => {
            backToKeys(event);
            run();
          },
        },
        h('span', { class: 'verb-word' }, t(word)),
        h('kbd', {}, key),
      ),
    ),
  );
}

function wordOf(verb) {
  const closed = state.window && state.window.state === 'closed';
  const paused = state.window && state.window.state === 'paused';
  if (verb === 'call-next' && (closed || paused)) return t(closed ? 'verb_open' : 'verb_unpause');
  if (verb === 'pause' && paused) return t('verb_unpause');
  return t(BUTTONS.find((button) => button.verb === verb).word);
}

function possible(verb) {
  const shut = state.window && state.window.state !== 'open';
  if (verb === 'call-next' && shut) return true;
  if (verb === 'pause' && shut) return state.window.state === 'paused';
  if (verb === 'close' && state.window && state.window.state === 'closed') return false;
  return obstacle(verb) === null;
}

/** What usually comes next; the button is marked. */
function likelyVerb() {
  const ticket = active();
  if (ticket === null) return 'call-next';
  return ticket.state === 'called' ? 'start' : 'finish';
}

function drawButtons() {
  const atWindow = state.session.window !== null;
  const likely = likelyVerb();
  for (const button of byId('verbs').children) {
    const { verb } = button.dataset;
    show(button, atWindow || verb === 'issue');
    say(button.firstElementChild, wordOf(verb));
    const able = possible(verb);
    button.setAttribute('aria-disabled', String(!able || state.busy));
    button.classList.toggle('verb-off', !able);
    button.classList.toggle('verb-busy', state.busy);
    button.classList.toggle('verb-likely', able && verb === likely);
    if (!able && document.activeElement === button) byId('desk').focus({ preventScroll: true });
  }
}

export function tags(ticket) {
  const priority = priorityOf(ticket);
  const list = [];
  if (priority && (priority.tag || priority.rate > 1 || priority.head > 0)) {
    list.push(h('span', { class: 'tag tag-priority' }, (!english && priority.tag) || nameOf(priority)));
  }
  if (ticket.offline) list.push(h('span', { class: 'tag' }, t('offline_tag')));
  if (ticket.state === 'parked' && ticket.window !== state.session.window) {
    list.push(h('span', { class: 'tag' }, t('parked_at', { n: ticket.window })));
  }
  if (ticket.passes > 0) list.push(h('span', { class: 'tag tag-warn' }, t('passes', { n: ticket.passes })));
  return list;
}

function whyText(ticket) {
  const why = whyOf(ticket);
  if (!why) return '';
  if (why.runner_up === null || why.lead === null) return t('why_only');
  const points = Math.round(why.points);
  const lead = Math.round(why.lead * 10) / 10;
  if (lead === 0) return t('why_tie', { points, runner_up: why.runner_up });
  // Points are not all: somebody with more of them may have missed a call and not be due again.
  if (lead < 0) return t('why_held', { points, runner_up: why.runner_up });
  return t('why', { points, lead, runner_up: why.runner_up });
}

function waitedMinutes(ticket) {
  const until = ticket.called_at === null ? nowMs() : Date.parse(ticket.called_at);
  return Math.max(0, Math.floor((until - Date.parse(ticket.issued_at)) / 60000));
}

/** When the service began; of a ticket that is only called, when it was called. */
const sinceOf = (ticket) => (ticket.state === 'serving' && ticket.started_at) || ticket.called_at;

/** The line under the number that moves by itself every second. */
export function drawClock() {
  const ticket = active();
  const facts = byId('current-since');
  const since = ticket && sinceOf(ticket);
  if (facts && since) say(facts, stopwatch(secondsSince(since)));
}

function drawTicket(ticket) {
  byId('current').className = `current card current-${ticket.state}`;
  say(byId('current-state'), t(`ticket_${ticket.state}`));
  say(byId('current-number'), ticket.number);
  say(byId('current-service'), serviceName(ticket));
  fill(
    byId('current-facts'),
    tags(ticket),
    h('span', {}, t('waited'), ' ', h('b', {}, t('minutes', { n: waitedMinutes(ticket) }))),
    ticket.more_services.length
      ? h('span', { class: 'later' }, t('still_to_do'), h('b', {}, laterNames(ticket).join(t('list_comma'))))
      : null,
    h('span', {}, t(ticket.state === 'serving' && ticket.started_at ? 'since_start' : 'since_call'), ' ', h('b', { id: 'current-since', class: 'clock' }, '')),
  );
  say(byId('current-why'), whyText(ticket));
  drawClock();
}

function idleWords() {
  if (state.session.window === null) return state.session.staff.role === 'clerk' ? [t('no_window_title'), t('no_window_help')] : [t('guide_title'), t('guide_help')];
  const { state: now, pause_reason: reason } = state.window;
  if (now === 'closed') return [t('idle_closed'), t('idle_closed_help')];
  if (now === 'paused') return [t('idle_paused'), t('idle_paused_help', { reason: reason || t('idle_paused') })];
  return [t('idle_open'), state.waiting.length ? t('idle_open_help') : t('idle_nobody')];
}

function drawIdle() {
  const [title, help] = idleWords();
  byId('current').className = 'current card current-idle';
  say(byId('current-state'), '');
  say(byId('current-number'), title);
  say(byId('current-service'), help);
  fill(byId('current-facts'));
  say(byId('current-why'), '');
}

function personRow(word, verb) {
  return () =>
    h(
      'li',
      { class: 'person' },
      h('b', { class: 'person-number' }),
      h('span', { class: 'person-words' }, h('span', { class: 'person-service' }), h('span', { class: 'person-tags' })),
      h('span', { class: 'person-wait' }),
      h('button', { type: 'button', class: 'button button-small', dataset: { verb } }, word),
    );
}

function updatePerson(verb, run) {
  return (node, ticket) => {
    const [number, words, wait, button] = node.children;
    say(number, ticket.number);
    say(words.firstElementChild, serviceName(ticket));
    fill(words.lastElementChild, tags(ticket));
    say(wait, t('minutes_short', { n: minutesSince(ticket.issued_at) }));
    button.setAttribute('aria-label', `${button.textContent} ${ticket.number}`);
    button.onclick = (event) => {
      backToKeys(event);
      run(ticket);
    };
    show(button, obstacle(verb) === null);
  };
}

const newWaiting = personRow(t('verb_call'), 'call');
const newParked = personRow(t('verb_resume'), 'resume');
const updateWaiting = updatePerson('call', callByHand);
const updateParked = updatePerson('resume', (ticket) => send('resume', { ticket_id: ticket.id }));

function servesText() {
  const live = state.window;
  if (!live) return '';
  const all = state.hall ? state.hall.categories.reduce((n, c) => n + c.services.length, 0) : -1;
  if (live.services_now.length === 0) return t('serves_none');
  return live.services_now.length === all ? t('serves_all') : t('serves_now', { n: live.services_now.length });
}

function drawLines() {
  const waiting = state.waiting;
  const total = Math.max(waiting.length, state.window ? state.window.waiting : 0);
  say(byId('waiting-count'), String(total));
  const longest = waiting.reduce((most, ticket) => Math.max(most, minutesSince(ticket.issued_at)), 0);
  say(byId('waiting-longest'), waiting.length ? t('waiting_longest', { n: longest }) : '');
  keyed(byId('waiting'), waiting.slice(0, MOST_WAITING), (x) => x.id, newWaiting, updateWaiting);
  show(byId('waiting-none'), waiting.length === 0);
  const more = total - Math.min(waiting.length, MOST_WAITING);
  say(byId('serves'), [more > 0 ? t('more_waiting', { n: more }) : '', servesText()].filter(Boolean).join(' · '));
  show(byId('aside-box'), state.parked.length > 0);
  say(byId('aside-title'), `${t('parked_title')} ${state.parked.length}`);
  keyed(byId('aside-people'), state.parked, (x) => x.id, newParked, updateParked);
}

function drawBar() {
  const live = state.window;
  show(byId('window-name'), live !== null);
  show(byId('window-state'), live !== null);
  if (!live) return;
  say(byId('window-name'), `${t('window_n', { n: live.number })} ${live.name}`);
  say(byId('window-state'), t(`state_${live.state}`));
  byId('window-state').className = `pill pill-${live.state}`;
}

/** Who has no window to look after also looks after appointments. */
export function mayBook() {
  const { session, hall } = state;
  return session.window === null && session.staff.role !== 'clerk' && hall !== null && hall.policy.appointments;
}

/** Brings everything up to date. */
export function draw() {
  if (state.session === null) return;
  const ticket = active();
  drawBar();
  if (ticket) drawTicket(ticket);
  else if (state.window || state.session.window === null) drawIdle();
  drawButtons();
  drawLines();
  byId('desk').classList.toggle('desk-guide', state.session.window === null);
  show(byId('to-appointments'), mayBook());
}

/**
 * Says what happened; a problem stays until the next thing is said. On an enlarged page, whose
 * lists are below, the number and what is said come back into view.
 */
export function announce(text, bad) {
  if (text) byId('current').scrollIntoView({ block: 'nearest' });
  const line = byId('said');
  line.className = `said ${bad ? 'said-bad' : 'said-good'}`;
  say(line, text);
}
