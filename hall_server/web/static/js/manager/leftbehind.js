// Before a change of what windows take is saved: who waits and could then not be called any more?

import { put } from '../lib/api.js';
import { h } from '../lib/dom.js';
import { openDialog } from '../lib/dialog.js';
import { serviceNameIn, t } from '../lib/page.js';

/** Those whom the draft would leave behind. A window of the same draft may take them over. */
async function leftBehind(draft, windows) {
  const open = new Set(windows.filter((w) => w.state === 'open').map((w) => w.number));
  const found = [];
  for (const number of draft.numbers) {
    try {
      const answer = await put(`/windows/${number}/profile`, { rules: draft.profileOf(number), dry_run: true });
      found.push(...answer.left_behind);
    } catch (error) {
      // What is wrong with the draft is told when it is saved.
      if (error.status === undefined) throw error;
    }
  }
  const takenOver = (entry) => draft.numbers.some((n) => open.has(n) && draft.on(n, entry.service_id));
  return found.filter((entry) => entry.class_name !== null || !takenOver(entry));
}

function whoOf(entry, hall) {
  const service = serviceNameIn(hall, entry.service_id, entry.service_name);
  return entry.class_name ? `${service} · ${entry.class_name}` : service;
}

/** Resolves to true when the draft may be saved. */
export async function confirmLeftBehind(draft, { hall, windows }) {
  const left = await leftBehind(draft, windows);
  if (left.length === 0) return true;
  const n = left.reduce((sum, entry) => sum + entry.count, 0);
  const answer = await openDialog(
    t('left_title', { n }),
    (close) => [
      h('p', {}, t('left_text')),
      h('ul', { class: 'left-behind' }, left.map((entry) => h('li', {}, t('left_line', {
        service: whoOf(entry, hall),
        n: entry.count,
        numbers: entry.numbers.join(t('list_comma')) + (entry.count > entry.numbers.length ? '…' : ''),
      })))),
      h(
        'div',
        { class: 'dialog-buttons' },
        h('button', { class: 'button', type: 'button', 'data-first': true, onclick: () => close(false) }, t('left_back')),
        h('button', { class: 'button button-bad', type: 'button', onclick: () => close(true) }, t('left_save')),
      ),
    ],
    { alert: true },
  );
  return answer === true;
}
