// A list to choose from by typing a part of the name, by arrow keys or by mouse.

import { fill, h, show } from './dom.js';
import { t } from './page.js';

// More than a screenful: typing is faster than scrolling through a long list.
const MOST = 120;

/** Whether the letters of `wanted` come in this order in `text`: 低保 finds 最低生活保障. */
function inOrder(wanted, text) {
  let from = 0;
  for (const letter of wanted) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}

const plain = (text) => text.toLowerCase().replace(/\s+/g, '');

/**
 * `items` are {value, label, note, group, disabled, words}; `onPick(value)` is called once.
 * Returns the elements to put into a dialog.
 */
export function picker(items, onPick) {
  const entries = items.map((item) => ({ ...item, search: plain(`${item.label} ${item.words ?? ''} ${item.group ?? ''}`) }));
  const input = h('input', {
    type: 'text',
    class: 'picker-filter',
    'data-first': true,
    placeholder: t('pick_hint'),
    'aria-label': t('pick_hint'),
    'aria-controls': 'picker-list',
    role: 'combobox',
    'aria-expanded': 'true',
    autocomplete: 'off',
  });
  const list = h('ul', { id: 'picker-list', class: 'picker', role: 'listbox' });
  const note = h('p', { class: 'muted picker-note' });
  let shown = [];
  let at = -1;

  function mark(index) {
    at = index;
    shown.forEach(({ node }, i) => node.setAttribute('aria-selected', String(i === at)));
    const current = shown[at];
    if (current) {
      current.node.scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', current.node.id);
    }
  }

  function row(item, index) {
    const node = h(
      'li',
      { id: `pick-${index}`, role: 'option', class: 'pick', 'aria-disabled': item.disabled ? 'true' : undefined },
      h('span', { class: 'pick-label' }, item.label),
      item.note ? h('span', { class: 'pick-note' }, item.note) : null,
    );
    node.addEventListener('click', () => pick(item));
    return node;
  }

  function pick(item) {
    if (item && !item.disabled) onPick(item.value);
  }

  function draw() {
    const wanted = plain(input.value);
    const exact = entries.filter((item) => item.search.includes(wanted));
    const matches = exact.length ? exact : entries.filter((item) => inOrder(wanted, plain(item.label)));
    shown = [];
    const nodes = [];
    let group = null;
    for (const item of matches.slice(0, MOST)) {
      if (item.group && item.group !== group) {
        group = item.group;
        nodes.push(h('li', { class: 'pick-group', role: 'presentation' }, group));
      }
      const node = row(item, shown.length);
      shown.push({ node, item });
      nodes.push(node);
    }
    fill(list, nodes);
    note.textContent = matches.length > MOST ? t('pick_more', { n: MOST }) : matches.length ? '' : t('pick_none');
    show(note, note.textContent !== '');
    mark(shown.findIndex(({ item }) => !item.disabled));
  }

  function step(by) {
    for (let i = at + by; i >= 0 && i < shown.length; i += by) {
      if (!shown[i].item.disabled) {
        mark(i);
        return;
      }
    }
  }

  input.addEventListener('input', draw);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') step(1);
    else if (event.key === 'ArrowUp') step(-1);
    else if (event.key === 'Enter') pick(shown[at] && shown[at].item);
    else return;
    event.preventDefault();
  });
  draw();
  return [input, list, note];
}
