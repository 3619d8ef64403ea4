// Making an appointment: a service, a day and a time with what is left, and who.

import { command, get } from '../lib/api.js';
import { openDialog } from '../lib/dialog.js';
import { byId, fill, h, say, show } from '../lib/dom.js';
import { nameOf, t } from '../lib/page.js';
import { picker } from '../lib/picker.js';
import { clockHM, dayName, isoHM, plusDays } from '../lib/time.js';
import { serviceOf } from './list.js';

const CHANNELS = ['phone', 'desk', 'web'];

function bookable(hall, rules) {
  const may = rules.services === null ? null : new Set(rules.services);
  return hall.categories.flatMap((category) =>
    category.services
      .filter((service) => may === null || may.has(service.id))
      .map((service) => ({ value: service, label: nameOf(service), group: `${category.series} · ${nameOf(category)}` })),
  );
}

function daysOf({ first_day: first, last_day: last }) {
  const days = [];
  for (let day = first; day <= last; day = plusDays(day, 1)) days.push(day);
  return days;
}

/** The times of a day as large buttons, one of which is chosen. */
class Slots {
  constructor(onChange) {
    this.box = h('div', { class: 'slots', role: 'radiogroup', 'aria-label': t('book_slot') });
    this.none = h('p', { class: 'notice', hidden: true }, t('book_slots_none'));
    this.onChange = onChange;
    this.slots = [];
    this.chosen = null;
  }

  take(slots) {
    this.slots = slots;
    const free = slots.filter((slot) => slot.bookable && slot.left > 0);
    if (!free.some((slot) => slot.starts === this.chosen)) this.chosen = null;
    show(this.none, !slots.some((slot) => slot.bookable));
    fill(this.box, slots.some((slot) => slot.bookable) ? slots.map((slot) => this.option(slot)) : []);
  }

  option(slot) {
    const able = slot.bookable && slot.left > 0;
    const words = able ? t('slot_left', { n: slot.left }) : t(slot.bookable ? 'slot_full' : 'slot_over');
    return h(
      'label',
      { class: able ? 'slot' : 'slot slot-off' },
      h('input', { type: 'radio', name: 'slot', value: slot.starts, disabled: !able, checked: slot.starts === this.chosen, onchange: () => this.choose(slot) }),
      h('b', {}, isoHM(slot.starts)),
      h('span', {}, words),
    );
  }

  choose(slot) {
    this.chosen = slot.starts;
    this.onChange();
  }
}

function channelChoice() {
  const options = CHANNELS.map((name) =>
    h('label', { class: 'class-option' }, h('input', { type: 'radio', name: 'channel', value: name, checked: name === CHANNELS[0] }), h('span', {}, t(`channel_${name}`))),
  );
  return h('fieldset', { class: 'classes' }, h('legend', {}, t('book_channel')), options);
}

function told(entry, { hall, rules, buttons }) {
  const at = (minutes) => clockHM(Date.parse(entry.starts) + minutes * 60000);
  const day = dayName(entry.starts.slice(0, 10));
  return [
    h('p', { class: 'big-number big-code' }, entry.code),
    h('p', { class: 'what' }, `${day} ${isoHM(entry.starts)}–${isoHM(entry.ends)}`),
    h('p', {}, serviceOf(hall, entry)),
    h('p', { class: 'tell' }, t('booked_tell', { day, from: at(-rules.early_min), to: at(rules.late_min) })),
    h('div', { class: 'dialog-buttons' }, buttons),
  ];
}

/** The dialog's second page: when, and who. */
class Form {
  constructor(service, { days, day, rules, onOther, onBooked }) {
    this.service = service;
    this.onBooked = onBooked;
    this.asked = 0;
    this.error = h('p', { class: 'notice notice-bad', role: 'alert', hidden: true });
    this.slots = new Slots(() => this.wrong(''));
    this.day = h('select', { id: 'book-day', onchange: () => this.load() }, days.map((one) => h('option', { value: one, selected: one === day }, dayName(one))));
    this.person = h('input', { id: 'book-person', type: 'text', maxlength: '64', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'book-person-help' });
    this.channels = channelChoice();
    this.button = h('button', { class: 'button button-main', type: 'submit' }, t('book_save'));
    this.node = h(
      'form',
      { class: 'book' },
      h('p', { class: 'what book-service' }, nameOf(service), h('button', { class: 'button', type: 'button', onclick: onOther }, t('book_other_service'))),
      h('label', { for: 'book-day' }, t('day')),
      this.day,
      this.slots.none,
      this.slots.box,
      h('label', { for: 'book-person' }, t('book_person')),
      this.person,
      h('p', { id: 'book-person-help', class: 'muted' }, t('book_person_help', { n: rules.per_person_per_day })),
      this.channels,
      this.error,
      h('div', { class: 'dialog-buttons' }, this.button),
    );
    this.node.addEventListener('submit', (event) => {
      event.preventDefault();
      this.save();
    });
  }

  wrong(text) {
    say(this.error, text);
    show(this.error, text !== '');
    if (text) this.error.scrollIntoView({ block: 'nearest' });
  }

  async load() {
    this.asked += 1;
    const mine = this.asked;
    try {
      const { slots } = await get(`/appointments?day=${this.day.value}&service_id=${encodeURIComponent(this.service.id)}`);
      if (mine === this.asked) this.slots.take(slots);
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      this.wrong(problem.message);
    }
  }

  async save() {
    if (this.button.disabled) return;
    const person = this.person.value.trim();
    if (this.slots.chosen === null) return this.wrong(t('book_slot_needed'));
    if (!person) {
      this.person.focus();
      return this.wrong(t('book_person_needed'));
    }
    this.button.disabled = true;
    try {
      const channel = this.channels.querySelector('input:checked').value;
      this.onBooked(await command('/appointments', { service_id: this.service.id, starts: this.slots.chosen, person, channel }));
    } catch (problem) {
      this.wrong(problem.message);
      this.button.disabled = false;
      this.load();
    }
    return undefined;
  }
}

/** Resolves to the day of what was booked last, or null. */
export function bookDialog(hall, rules, day) {
  const days = daysOf(rules);
  let last = null;
  return openDialog(
    t('book_title'),
    (close) => {
      const body = h('div', {});
      const head = (text) => byId('dialog-title') && say(byId('dialog-title'), text);

      function ask() {
        head(t('book_title'));
        fill(body, picker(bookable(hall, rules), when), h('div', { class: 'dialog-buttons' }, h('button', { class: 'button', type: 'button', onclick: () => close() }, t('back'))));
        const first = body.querySelector('[data-first]');
        if (first.isConnected) first.focus();
      }

      function when(service) {
        const preset = days.includes(last ?? day) ? last ?? day : days[0];
        const form = new Form(service, { days, day: preset, rules, onOther: ask, onBooked: tell });
        fill(body, form.node);
        form.load();
        form.day.focus();
      }

      function tell(entry) {
        last = entry.starts.slice(0, 10);
        head(t('booked'));
        const again = h('button', { class: 'button', type: 'button', onclick: ask }, t('book_again'));
        const ok = h('button', { class: 'button button-main', type: 'button', onclick: () => close() }, t('ok'));
        fill(body, told(entry, { hall, rules, buttons: [again, ok] }));
        ok.focus();
      }

      ask();
      return [body];
    },
    { wide: true },
  ).then(() => last);
}
