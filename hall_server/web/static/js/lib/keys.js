// Page-wide keys that never take a key from somebody who is typing or choosing.

import { dialogOpen } from './dialog.js';

const TYPING = ['INPUT', 'TEXTAREA', 'SELECT'];
const PRESSABLE = ['BUTTON', 'A', 'SUMMARY'];

/** Whether the focus is in a field that takes text or a choice. */
export function typing() {
  const focus = document.activeElement;
  return focus !== null && (TYPING.includes(focus.tagName) || focus.isContentEditable);
}

/**
 * `keys` maps a key (`' '`, `'Enter'`, `'F2'`, `'r'`) to what it does. Space and Enter keep their
 * meaning on a focused button or link; a key held down acts once.
 */
export function pageKeys(active, keys) {
  document.addEventListener('keydown', (event) => {
    if (!active() || dialogOpen() || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = keys[key];
    if (action === undefined) return;
    if (typing() && !/^F\d+$/.test(key)) return;
    const focus = document.activeElement;
    if ((key === ' ' || key === 'Enter') && focus && PRESSABLE.includes(focus.tagName)) return;
    event.preventDefault();
    if (!event.repeat) action();
  });
}
