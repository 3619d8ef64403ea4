// The matrix of services (rows) and windows (columns). Only the rows in sight exist, so that 619
// services at 60 windows stay quick. The focus stays on the grid; the current cell is marked.

import { fill, h, keyed, say } from '../lib/dom.js';
import { nameOf, t } from '../lib/page.js';

const ROW_PX = 40;
const SPARE_ROWS = 6;
// A column is never narrower than this: a finger and "部分" must fit.
const COLUMN_PX = 76;

export class Matrix {
  /** `onChange()` after every edit of `draft`; `onWindow(window)` when its rules are asked for. */
  constructor(grid, { rows, draft, onChange, onWindow }) {
    this.grid = grid;
    this.rows = rows;
    this.draft = draft;
    this.onChange = onChange;
    this.onWindow = onWindow;
    this.hall = null;
    this.unserved = new Set();
    this.list = [];
    this.at = { row: 0, column: 0 };
    this.head = h('div', { class: 'grid-head', role: 'row' });
    this.body = h('div', { class: 'grid-body', role: 'rowgroup' });
    this.nothing = h('p', { class: 'muted grid-nothing', hidden: true }, t('nothing_matches'));
    fill(grid, this.head, this.body, this.nothing);
    grid.tabIndex = 0;
    grid.addEventListener('scroll', () => this.drawRows());
    grid.addEventListener('keydown', (event) => this.key(event));
    this.body.addEventListener('click', (event) => this.click(event));
    window.addEventListener('resize', () => this.resize());
  }

  get windows() {
    return this.hall.windows;
  }

  /** Shows this hall; `unserved` are the services that no open window takes now. */
  show(hall, unserved) {
    this.hall = hall;
    this.unserved = unserved;
    this.drawHead();
    this.resize();
    this.draw();
  }

  /** Shares the room among the windows' columns; head and rows use the same width. */
  resize() {
    if (this.hall === null || this.windows.length === 0) return;
    const names = this.head.firstElementChild ? this.head.firstElementChild.offsetWidth : 0;
    const room = Math.floor((this.grid.clientWidth - names) / this.windows.length);
    this.grid.style.setProperty('--columns', String(this.windows.length));
    this.grid.style.setProperty('--column', `${Math.max(COLUMN_PX, room)}px`);
    this.drawRows();
  }

  drawHead() {
    fill(
      this.head,
      h('div', { class: 'grid-corner', role: 'columnheader' }, t('corner')),
      this.windows.map((w) =>
        h(
          'div',
          { class: `grid-window grid-window-${w.state}`, role: 'columnheader', title: `${w.name} · ${t(`state_${w.state}`)}` },
          h('b', {}, String(w.number)),
          h('span', { class: 'grid-window-name' }, w.name),
          h('span', { class: 'grid-window-state' }, t(`state_${w.state}`)),
          this.rulesButton(w),
        ),
      ),
    );
  }

  /** Opens the window's rules with a condition; tells how many it has. */
  rulesButton(w) {
    const n = this.draft.rulesOf(w.number).length;
    const label = t('rules_of', { window: t('window_n', { n: w.number }) });
    return h(
      'button',
      { class: 'grid-window-rules', type: 'button', tabindex: -1, title: label, 'aria-label': label, onclick: () => this.onWindow(w) },
      n ? t('rules_n', { n }) : t('rules'),
    );
  }

  /** The rows changed: filter, folding, or the hall. */
  draw() {
    if (this.hall === null) return;
    this.list = this.rows.list(this.hall, this.unserved);
    this.at.row = Math.max(0, Math.min(this.at.row, this.list.length - 1));
    this.at.column = Math.min(this.at.column, this.windows.length);
    this.body.style.height = `${this.list.length * ROW_PX}px`;
    this.grid.setAttribute('aria-rowcount', String(this.list.length + 1));
    this.grid.setAttribute('aria-colcount', String(this.windows.length + 1));
    this.nothing.hidden = this.list.length > 0;
    this.drawRows();
  }

  drawRows() {
    if (this.hall === null) return;
    const first = Math.max(0, Math.floor(this.grid.scrollTop / ROW_PX) - SPARE_ROWS);
    const count = Math.ceil(this.grid.clientHeight / ROW_PX) + 2 * SPARE_ROWS;
    const shown = this.list.slice(first, first + count).map((row, i) => ({ row, index: first + i }));
    keyed(this.body, shown, ({ row }) => row.key, () => this.newRow(), (node, entry) => this.updateRow(node, entry));
    this.grid.setAttribute('aria-activedescendant', this.cellId(this.at.row, this.at.column));
  }

  cellId(row, column) {
    return `cell-${row}-${column}`;
  }

  newRow() {
    return h(
      'div',
      { class: 'grid-row', role: 'row' },
      h('div', { class: 'grid-name', role: 'rowheader' }, h('span', { class: 'grid-fold' }), h('span', { class: 'grid-text' }), h('span', { class: 'grid-note' })),
    );
  }

  updateRow(node, { row, index }) {
    const isHead = row.service === undefined;
    node.className = `grid-row ${isHead ? 'grid-row-head' : ''}`;
    node.style.top = `${index * ROW_PX}px`;
    node.dataset.row = String(index);
    node.setAttribute('aria-rowindex', String(index + 2));
    this.updateName(node.firstElementChild, row, index);
    while (node.children.length > this.windows.length + 1) node.lastElementChild.remove();
    while (node.children.length < this.windows.length + 1) node.append(h('div', { role: 'gridcell' }));
    this.windows.forEach((w, i) => this.updateCell(node.children[i + 1], row, w, index, i + 1));
  }

  updateName(node, row, index) {
    const [fold, text, note] = node.children;
    const isHead = row.service === undefined;
    say(fold, isHead ? (row.unfolded ? '▾' : '▸') : '');
    say(text, isHead ? `${row.category.series} ${nameOf(row.category)}` : nameOf(row.service));
    node.title = text.textContent;
    const missing = row.ids.filter((id) => this.unserved.has(id)).length;
    if (isHead) say(note, t('services_n', { n: row.ids.length }));
    else say(note, missing ? `▲ ${t('nobody_mark')}` : '');
    note.className = `grid-note ${!isHead && missing ? 'grid-note-bad' : ''}`;
    if (isHead) node.setAttribute('aria-expanded', String(row.unfolded));
    else node.removeAttribute('aria-expanded');
    node.id = this.cellId(index, 0);
    node.classList.toggle('cell-at', this.isAt(index, 0));
  }

  isAt(row, column) {
    return this.at.row === row && this.at.column === column;
  }

  /** What a cell shows: its state, its mark, whether it is a draft, and words for both. */
  cellOf(row, w) {
    const { draft } = this;
    const on = row.ids.filter((id) => draft.on(w.number, id)).length;
    const unsaved = row.ids.some((id) => draft.has(w.number, id));
    if (on === row.ids.length) return { kind: 'on', mark: '✓', words: t('cell_on'), unsaved };
    if (on > 0) {
      const mark = `${on}/${row.ids.length}`;
      return { kind: 'some', mark, words: t('cell_some', { n: on, all: row.ids.length }), unsaved };
    }
    return { ...this.timedOf(row, w), unsaved };
  }

  /** A cell of services that are not always taken of everybody: on a condition, or not at all. */
  timedOf(row, w) {
    const taken = this.draft.conditionsOf(w.number);
    const timed = row.ids.filter((id) => taken.has(id));
    if (timed.length === 0) return { kind: 'off', mark: '', words: t('cell_off') };
    const entries = timed.flatMap((id) => taken.get(id));
    const words = Array.from(new Set(entries.map((entry) => entry.words)));
    const share = timed.length < row.ids.length ? ` ${timed.length}/${row.ids.length}` : '';
    return { kind: 'timed', mark: entries[0].mark + share, words: words.join('; ') };
  }

  updateCell(node, row, w, index, column) {
    const { kind, mark, words, unsaved } = this.cellOf(row, w);
    const at = this.isAt(index, column) ? 'cell-at' : '';
    const name = `cell cell-${kind} ${unsaved ? 'cell-draft' : ''} ${at}`;
    if (node.className !== name) node.className = name;
    say(node, mark);
    const subject = row.service ? nameOf(row.service) : nameOf(row.category);
    const state = unsaved ? `${words}${t('list_comma')}${t('cell_draft')}` : words;
    const label = t('cell_label', { window: t('window_n', { n: w.number }), service: subject, state });
    if (node.title !== label) {
      node.title = label;
      node.setAttribute('aria-label', label);
    }
    node.id = this.cellId(index, column);
    node.dataset.column = String(column);
  }

  /** Space, Enter or a click on a cell: names fold, cells toggle. */
  act() {
    const row = this.list[this.at.row];
    if (row === undefined) return;
    if (this.at.column === 0) {
      if (row.service === undefined) this.rows.toggle(row.category.id);
      this.draw();
      return;
    }
    const w = this.windows[this.at.column - 1];
    const all = row.ids.every((id) => this.draft.on(w.number, id));
    for (const id of row.ids) this.draft.set(w.number, id, !all);
    this.drawRows();
    this.onChange();
  }

  click(event) {
    const cell = event.target.closest('.cell, .grid-name');
    if (cell === null) return;
    this.at = { row: Number(cell.parentElement.dataset.row), column: Number(cell.dataset.column ?? 0) };
    this.grid.focus({ preventScroll: true });
    this.act();
    this.drawRows();
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.grid.clientHeight / ROW_PX) - 2);
    const moves = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      PageUp: [-page, 0],
      PageDown: [page, 0],
      Home: [0, -1000],
      End: [0, 1000],
    };
    if (event.key === ' ' || event.key === 'Enter') this.act();
    else if (event.key === 'r' && this.at.column > 0) this.onWindow(this.windows[this.at.column - 1]);
    else if (moves[event.key]) this.move(...moves[event.key]);
    else return;
    event.preventDefault();
  }

  move(rows, columns) {
    this.at.row = Math.max(0, Math.min(this.list.length - 1, this.at.row + rows));
    this.at.column = Math.max(0, Math.min(this.windows.length, this.at.column + columns));
    this.reveal();
    this.drawRows();
  }

  /** Scrolls so that the current cell is clear of the sticky head and names. */
  reveal() {
    const { grid } = this;
    const top = this.at.row * ROW_PX;
    const room = grid.clientHeight - this.head.offsetHeight - ROW_PX;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top > grid.scrollTop + room) grid.scrollTop = top - room;
    if (this.at.column === 0) {
      grid.scrollLeft = 0;
      return;
    }
    const header = this.head.children[this.at.column];
    const names = this.head.firstElementChild.offsetWidth;
    if (header.offsetLeft - names < grid.scrollLeft) grid.scrollLeft = header.offsetLeft - names;
    const right = header.offsetLeft + header.offsetWidth;
    if (right > grid.scrollLeft + grid.clientWidth) grid.scrollLeft = right - grid.clientWidth;
  }
}
