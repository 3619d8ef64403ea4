// The dial of the points rule: two numbers for each class, their price to ordinary visitors, and
// saving them.

import { post, put } from '../lib/api.js';
import { byId, fill, h, keyed, say, show } from '../lib/dom.js';
import { english, nameOf, t } from '../lib/page.js';
import { clockHMS, nowMs } from '../lib/time.js';

const ORDINARY = 'ordinary';
// The limits of a hall file.
const LIMITS = { head: { min: 0, max: 240, step: 1 }, rate: { min: 1, max: 10, step: 0.5 } };
// After so many minutes of waiting the row says what that has earned.
const EXAMPLE_MIN = 10;
// Days are simulated for a preview; a slow machine gives it up after 20 s, and says so.
const PREVIEW = { timeout: 30000 };

const signed = (minutes) => `${minutes > 0 ? '+' : ''}${minutes.toFixed(1)}`;

export class Dial {
  constructor() {
    this.inForce = [];
    this.edited = new Map();
    this.busy = false;
    byId('dial-preview').addEventListener('click', () => this.preview());
    byId('dial-save').addEventListener('click', () => this.save());
    byId('dial-discard').addEventListener('click', () => {
      this.edited.clear();
      this.forgetPrice();
      this.draw();
    });
  }

  /** The classes in force; what is being edited stays. */
  show(classes) {
    const before = JSON.stringify(this.inForce);
    this.inForce = classes;
    for (const id of this.edited.keys()) this.set(id, {});
    if (before !== JSON.stringify(classes)) this.forgetPrice();
    this.draw();
  }

  get changed() {
    return this.edited.size > 0;
  }

  valuesOf(entry) {
    return { head: entry.head, rate: entry.rate, ...this.edited.get(entry.id) };
  }

  get dials() {
    return this.inForce.map((entry) => ({ id: entry.id, ...this.valuesOf(entry) }));
  }

  /** Changes some of a class's values; nothing remains of a change back. */
  set(id, values) {
    const entry = this.inForce.find((c) => c.id === id);
    if (entry === undefined) {
      this.edited.delete(id);
      return;
    }
    const now = { ...this.valuesOf(entry), ...values };
    if (now.head === entry.head && now.rate === entry.rate) this.edited.delete(id);
    else this.edited.set(id, now);
  }

  forgetPrice() {
    show(byId('dial-price'), false);
    say(byId('dial-status'), '');
    byId('dial-status').className = '';
  }

  draw() {
    keyed(byId('dial-rows'), this.inForce, (entry) => entry.id, (entry) => this.newRow(entry), (node, entry) => this.updateRow(node, entry));
    say(byId('dial-sentence'), this.sentence());
    byId('dial-preview').disabled = this.busy;
    byId('dial-save').disabled = this.busy || !this.changed;
    byId('dial-discard').disabled = this.busy || !this.changed;
  }

  sentence() {
    const classes = this.dials.filter((d) => d.id !== ORDINARY).map((d) => {
      const entry = this.inForce.find((c) => c.id === d.id);
      return t('dial_sentence_class', { name: nameOf(entry), head: d.head, rate: d.rate });
    });
    return [t('dial_sentence_first'), ...classes, t('dial_sentence_last')].join(t('dial_sentence_join'));
  }

  newRow(entry) {
    const cell = (field) => h('td', {}, entry.id === ORDINARY ? h('span', { class: 'dial-fixed' }) : this.stepper(entry, field));
    return h('tr', {}, h('th', { scope: 'row' }), cell('head'), cell('rate'), h('td', { class: 'dial-example' }), h('td', { class: 'dial-even muted' }));
  }

  stepper(entry, field) {
    const { min, max, step } = LIMITS[field];
    const label = `${nameOf(entry)} ${t(`dial_${field}`)}`;
    const input = h('input', { type: 'number', min, max, step, 'aria-label': label, 'data-field': field });
    const by = (sign) => () => this.change(entry.id, field, this.valuesOf(this.inForce.find((c) => c.id === entry.id))[field] + sign * step);
    input.addEventListener('change', () => this.change(entry.id, field, Number(input.value)));
    return h(
      'span',
      { class: 'stepper' },
      h('button', { class: 'button', type: 'button', 'aria-label': t('dial_less', { label }), onclick: by(-1) }, '−'),
      input,
      h('button', { class: 'button', type: 'button', 'aria-label': t('dial_more', { label }), onclick: by(1) }, '+'),
    );
  }

  change(id, field, value) {
    const { min, max } = LIMITS[field];
    const usable = Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : min;
    this.set(id, { [field]: usable });
    this.forgetPrice();
    this.draw();
  }

  updateRow(node, entry) {
    const { head, rate } = this.valuesOf(entry);
    const [name, headCell, rateCell, example, even] = node.children;
    node.classList.toggle('dial-changed', this.edited.has(entry.id));
    say(name, entry.id === ORDINARY ? t('dial_ordinary') : nameOf(entry));
    for (const [cell, value] of [[headCell, head], [rateCell, rate]]) {
      const input = cell.querySelector('input');
      if (input === null) say(cell.firstElementChild, String(value));
      else if (Number(input.value) !== value || input.value === '') input.value = String(value);
    }
    say(example, t('points_n', { n: head + rate * EXAMPLE_MIN }));
    // What an ordinary visitor must have waited to be called before one who has just come.
    say(even, entry.id === ORDINARY ? '' : t('dial_even', { n: head }));
  }

  working(words) {
    this.busy = true;
    byId('dial-status').className = '';
    say(byId('dial-status'), words);
    this.draw();
  }

  failed(error) {
    if (error.status === undefined) throw error;
    byId('dial-status').className = 'notice notice-bad';
    say(byId('dial-status'), error.message);
  }

  async preview() {
    if (this.busy) return;
    this.working(t('dial_working'));
    try {
      this.drawPrice(await post('/priorities/preview', { classes: this.dials }, PREVIEW));
      say(byId('dial-status'), '');
    } catch (error) {
      this.failed(error);
    } finally {
      this.busy = false;
      this.draw();
    }
  }

  drawPrice({ basis, classes }) {
    const text = (one) => (english ? one.text_en : one.text);
    const tone = (diff) => (Math.abs(diff) < 0.05 ? '' : diff > 0 ? 'dial-worse' : 'dial-better');
    fill(byId('dial-words'), classes.map((one) => h('li', { class: one.id === ORDINARY ? 'dial-main' : '' }, text(one))));
    fill(
      byId('dial-table'),
      classes.map((one) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, one.id === ORDINARY ? t('dial_ordinary') : this.nameIn(one)),
          h('td', { class: 'num' }, one.mean_now.toFixed(1)),
          h('td', { class: 'num' }, one.mean_then.toFixed(1)),
          h('td', { class: `num ${tone(one.mean_diff)}` }, signed(one.mean_diff)),
          h('td', { class: 'num' }, one.p90_now.toFixed(1)),
          h('td', { class: 'num' }, one.p90_then.toFixed(1)),
          h('td', { class: `num ${tone(one.p90_diff)}` }, signed(one.p90_diff)),
        ),
      ),
    );
    say(byId('dial-basis'), `${text(basis)}${t('full_stop')}${t('dial_basis_note')}`);
    show(byId('dial-price'), true);
    byId('dial-price').scrollIntoView({ block: 'nearest' });
  }

  nameIn(one) {
    return nameOf(this.inForce.find((entry) => entry.id === one.id) ?? one);
  }

  async save() {
    if (this.busy || !this.changed) return;
    this.working(t('saving'));
    try {
      const { classes } = await put('/priorities', { classes: this.dials });
      this.edited.clear();
      this.inForce = classes;
      byId('dial-status').className = 'dial-saved';
      say(byId('dial-status'), t('dial_saved', { time: clockHMS(nowMs()) }));
    } catch (error) {
      this.failed(error);
    } finally {
      this.busy = false;
      this.draw();
    }
  }
}
