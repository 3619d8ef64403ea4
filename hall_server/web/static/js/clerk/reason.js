// Why somebody is called before those whose turn it is: it goes into the day's record.

import { openDialog } from '../lib/dialog.js';
import { h } from '../lib/dom.js';
import { t } from '../lib/page.js';

const REASONS = ['reason_1', 'reason_2', 'reason_3', 'reason_4', 'reason_5'];
// What the server keeps.
const LONGEST = 60;

function ownWords(close) {
  const input = h('input', { id: 'own-reason', type: 'text', maxlength: LONGEST, autocomplete: 'off' });
  const form = h(
    'form',
    { class: 'own-reason' },
    h('label', { for: 'own-reason' }, t('reason_other')),
    input,
    h('button', { class: 'button button-main', type: 'submit' }, t('reason_call')),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (input.value.trim()) close(input.value.trim());
    else input.focus();
  });
  return form;
}

/** Resolves to the reason why `number` goes before `first`, or to null when nobody is called. */
export function askReason(number, first) {
  return openDialog(t('reason_title', { ticket: number }), (close) => {
    const list = h(
      'ol',
      { class: 'choices' },
      REASONS.map((key, i) =>
        h('li', {}, h('button', { class: 'button choice', type: 'button', 'data-first': i === 0, onclick: () => close(t(key)) }, h('kbd', {}, String(i + 1)), h('span', {}, t(key)))),
      ),
    );
    list.addEventListener('keydown', (event) => {
      const key = REASONS[Number(event.key) - 1];
      if (!/^[1-9]$/.test(event.key) || key === undefined) return;
      event.preventDefault();
      close(t(key));
    });
    const cancel = h('button', { class: 'button', type: 'button', onclick: () => close(null) }, t('cancel'), h('kbd', {}, 'Esc'));
    return [h('p', { class: 'muted reason-help' }, t('reason_help', { first })), list, ownWords(close), h('div', { class: 'dialog-buttons' }, cancel)];
  });
}
