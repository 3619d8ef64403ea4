// Modal questions. While one is open the page's own keys rest.

import { h } from './dom.js';
import { t } from './page.js';

export const dialogOpen = () => document.querySelector('dialog[open]') !== null;

/**
 * Opens a dialog with `title` and `content`; `close(value)` ends it. Resolves to that value, or to
 * null when it was dismissed. The element that had the focus gets it back.
 */
export function openDialog(title, build, { wide = false, alert = false } = {}) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const heading = h('h2', { id: 'dialog-title' }, title);
    const dialog = h('dialog', {
      class: wide ? 'dialog dialog-wide' : 'dialog',
      role: alert ? 'alertdialog' : 'dialog',
      'aria-labelledby': 'dialog-title',
    });
    let result = null;
    const close = (value) => {
      result = value;
      dialog.close();
    };
    const leave = h('button', { class: 'dialog-close', type: 'button', onclick: () => dialog.close() }, t('close'));
    dialog.append(heading, ...build(close), ...(alert ? [] : [leave]));
    // The key that answers is not also a key of the page beneath.
    dialog.addEventListener('keydown', (event) => event.stopPropagation());
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (before && document.contains(before)) before.focus();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector('[data-first]');
    if (first) first.focus();
  });
}

/**
 * A yes-or-no question before something that cannot be taken back; `details` are elements beneath
 * it. Resolves to true or false.
 */
export async function confirm(question, yes, { no = t('cancel'), details = [] } = {}) {
  const answer = await openDialog(
    question,
    (close) => [
      ...details,
      h(
        'div',
        { class: 'dialog-buttons' },
        h('button', { class: 'button', type: 'button', 'data-first': true, onclick: () => close(false) }, no),
        h('button', { class: 'button button-bad', type: 'button', onclick: () => close(true) }, yes),
      ),
    ],
    { alert: true },
  );
  return answer === true;
}

/** One of `choices` ({value, label}); number keys choose too. Resolves to a value or null. */
export function choose(title, choices) {
  return openDialog(title, (close) => {
    const list = h(
      'ol',
      { class: 'choices' },
      choices.map(({ value, label }, index) =>
        h(
          'li',
          {},
          h(
            'button',
            { class: 'button choice', type: 'button', 'data-first': index === 0, onclick: () => close(value) },
            h('kbd', {}, String(index + 1)),
            h('span', {}, label),
          ),
        ),
      ),
    );
    list.addEventListener('keydown', (event) => {
      const choice = choices[Number(event.key) - 1];
      if (choice !== undefined && /^[1-9]$/.test(event.key)) {
        event.preventDefault();
        close(choice.value);
      }
    });
    const cancel = h('button', { class: 'button', type: 'button', onclick: () => close(null) }, t('cancel'), h('kbd', {}, 'Esc'));
    return [list, h('div', { class: 'dialog-buttons' }, cancel)];
  });
}
