// Whom no open window can call because this one closed or paused: said at once, with what to do.

import { openDialog } from '../lib/dialog.js';
import { h } from '../lib/dom.js';
import { english, t } from '../lib/page.js';
import { serviceName, state } from './state.js';

// A line names so many people; the list of those who wait has them all.
const MOST_NUMBERS = 6;

const peopleOf = (entries) => entries.reduce((sum, entry) => sum + entry.count, 0);

function numbersOf(entries) {
  const numbers = entries.flatMap((entry) => entry.numbers);
  const shown = numbers.slice(0, MOST_NUMBERS).join(t('list_comma'));
  return peopleOf(entries) > Math.min(numbers.length, MOST_NUMBERS) ? `${shown}…` : shown;
}

function stateOf(number) {
  const known = ((state.hall && state.hall.windows) || []).find((w) => w.number === number);
  return known ? known.state : 'closed';
}

/** Why, and which other window would help. */
function reasonOf(entry, own) {
  const others = entry.windows.filter((number) => number !== own);
  const paused = others.filter((number) => stateOf(number) === 'paused');
  const shut = others.filter((number) => !paused.includes(number));
  const ways = [['left_resume', paused], ['left_open', shut]].filter(([, numbers]) => numbers.length);
  const help = ways.length
    ? ways.map(([word, numbers]) => t(word, { windows: numbers.join(t('list_comma')) })).join(t('left_join')) + t('left_stop')
    : t('left_only_here');
  return t('left_reason', { reason: english ? entry.reason_en : entry.reason, help });
}

/** Those of the same reason and remedy together: [[reason, entries], …]. */
function grouped(left, own) {
  const groups = new Map();
  for (const entry of left) {
    const reason = reasonOf(entry, own);
    groups.set(reason, [...(groups.get(reason) ?? []), entry]);
  }
  return Array.from(groups);
}

/** A sentence for each reason. */
export function leftSentences(left, own) {
  return grouped(left, own).map(([reason, entries]) => t('left_sentence', { n: peopleOf(entries), numbers: numbersOf(entries), reason }));
}

function block([reason, entries]) {
  const line = (entry) => {
    const service = entry.class_name ? `${serviceName(entry)} · ${entry.class_name}` : serviceName(entry);
    return h('li', {}, t('left_line', { service, n: entry.count, numbers: numbersOf([entry]) }));
  };
  return h('div', { class: 'left-group' }, h('p', {}, h('b', {}, reason)), h('ul', {}, entries.map(line)));
}

/** Resolves to true when the window shall go on. */
export async function askToGoOn(left, own) {
  const answer = await openDialog(
    t('left_title', { n: peopleOf(left) }),
    (close) => [
      h('div', { class: 'left-behind' }, grouped(left, own).map(block)),
      h('p', { class: 'left-what' }, t('left_what')),
      h(
        'div',
        { class: 'dialog-buttons' },
        h('button', { class: 'button', type: 'button', onclick: () => close(true) }, t('left_reopen')),
        h('button', { class: 'button button-main', type: 'button', 'data-first': true, onclick: () => close(false) }, t('left_known')),
      ),
    ],
    { alert: true },
  );
  return answer === true;
}
