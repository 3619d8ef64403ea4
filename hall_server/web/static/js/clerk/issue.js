// The desk's own numbers: a service is chosen, the number is shown to be told to the visitor.

import { command, get } from '../lib/api.js';
import { openDialog } from '../lib/dialog.js';
import { byId, fill, h, say, show } from '../lib/dom.js';
import { english, nameOf, range, t } from '../lib/page.js';
import { picker } from '../lib/picker.js';
import { nobodyTakes } from '../lib/served.js';
import { Basket } from './basket.js';
import { state } from './state.js';

const ORDINARY = 'ordinary';
// Whoever booked is in this class by the code.
const BOOKED = 'appointment';

function serviceItems() {
  return state.hall.categories.flatMap((category) =>
    category.services.map((service) => ({
      value: service,
      label: nameOf(service),
      note: service.open ? '' : (english ? service.closed_reason_en : service.closed_reason) || t('service_closed'),
      group: `${category.series} · ${nameOf(category)}`,
      disabled: !service.open,
    })),
  );
}

function classChoice() {
  const classes = state.hall.priority_classes.filter((entry) => entry.id !== BOOKED || !state.hall.policy.appointments);
  const options = classes.map((entry) =>
    h(
      'label',
      { class: 'class-option' },
      h('input', { type: 'radio', name: 'class', value: entry.id, checked: entry.id === ORDINARY }),
      h('span', {}, nameOf(entry)),
    ),
  );
  return h('fieldset', { class: 'classes' }, h('legend', {}, t('issue_class')), options);
}

/** Where a booked visitor's code is typed: it names the service by itself. */
function codeForm(take) {
  const input = h('input', {
    id: 'issue-code',
    class: 'issue-code',
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'off',
    maxlength: '8',
  });
  const form = h(
    'form',
    { class: 'issue-booked' },
    h('label', { for: 'issue-code' }, t('issue_code')),
    input,
    h('button', { class: 'button', type: 'submit' }, t('issue_code_take')),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (input.value.trim()) take(input.value.trim());
  });
  return form;
}

async function bookedService(code) {
  const { appointments } = await get('/appointments');
  const found = appointments.find((entry) => entry.code === code);
  if (!found) throw new Error(t('issue_code_unknown'));
  return { id: found.service_id, name: found.service_name };
}

function issued({ ticket, services, unserved }, close, again) {
  const about = range(ticket.p50_min, ticket.p90_min);
  return [
    h('p', { class: 'issued-number' }, ticket.number),
    services.length > 1
      ? h('ol', { class: 'issued-services' }, services.map((service) => h('li', {}, nameOf(service))))
      : h('p', {}, nameOf(services[0])),
    h('p', { class: 'muted' }, aheadWords(ticket, unserved), about ? ` · ${t('about_minutes', { range: about })}` : ''),
    unserved ? h('p', { class: 'notice notice-bad', role: 'alert' }, `▲ ${t('no_open_window')}`) : null,
    h('p', { class: 'issued-tell' }, t('issue_tell')),
    h(
      'div',
      { class: 'dialog-buttons' },
      h('button', { class: 'button', type: 'button', onclick: again }, t('issue_again')),
      h('button', { class: 'button button-main', type: 'button', 'data-first': true, onclick: () => close(ticket) }, t('ok')),
    ),
  ];
}

/** With no window to call them, nobody ahead does not mean that it is soon. */
function aheadWords(ticket, unserved) {
  if (ticket.ahead) return t('issue_ahead', { n: ticket.ahead });
  return unserved ? '' : t('issue_ahead_none');
}

/** The dialog's first page: who it is for, and what. */
class Wish {
  constructor({ onIssue }) {
    this.onIssue = onIssue;
    this.busy = false;
    this.error = h('p', { class: 'notice notice-bad', role: 'alert', hidden: true });
    this.classes = classChoice();
    this.basket = new Basket(() => this.issue(this.basket.services));
    this.several = h('input', { id: 'issue-several', type: 'checkbox', onchange: () => this.switchSeveral() });
    this.picker = picker(serviceItems(), (service) => this.pick(service));
    this.nodes = [
      state.hall.policy.appointments ? codeForm((code) => this.booked(code)) : [],
      this.classes,
      h('label', { class: 'issue-several' }, this.several, h('span', {}, t('issue_several'))),
      this.picker,
      this.basket.node,
      this.error,
    ];
  }

  pick(service) {
    if (!this.several.checked) {
      this.issue([service]);
      return;
    }
    this.say(this.basket.add(service) ?? '');
    this.filterAgain();
  }

  switchSeveral() {
    this.basket.show(this.several.checked);
    this.several.closest('.issue').classList.toggle('issue-many', this.several.checked);
    this.say('');
    this.filterAgain();
  }

  /** The next service is typed anew. */
  filterAgain() {
    const [filter] = this.picker;
    filter.value = '';
    filter.dispatchEvent(new Event('input'));
    filter.focus();
  }

  booked(code) {
    this.attempt(async () => {
      const service = await bookedService(code);
      const later = this.basket.services.filter((one) => one.id !== service.id);
      await this.take([service, ...later], code);
    });
  }

  issue(services) {
    if (services.length) this.attempt(() => this.take(services, null));
  }

  async take(services, code) {
    const [first, ...later] = services;
    const wish = { service_id: first.id, priority_class: this.classes.querySelector('input:checked').value, channel: 'desk' };
    if (later.length) wish.more_services = later.map((service) => service.id);
    if (code !== null) wish.appointment_code = code;
    const ticket = await command('/tickets', wish);
    this.onIssue({ ticket, services, unserved: await nobodyTakes(ticket) });
  }

  async attempt(work) {
    if (this.busy) return;
    this.busy = true;
    try {
      await work();
    } catch (problem) {
      this.say(problem.message);
      this.busy = false;
    }
  }

  say(text) {
    say(this.error, text);
    show(this.error, text !== '');
  }
}

/** Opens the dialog; resolves when it is closed. */
export function issueDialog() {
  return openDialog(
    t('issue_title'),
    (close) => {
      const body = h('div', { class: 'issue' });

      function heading(text) {
        const node = byId('dialog-title');
        if (node) say(node, text);
      }

      function ask() {
        heading(t('issue_title'));
        fill(body, new Wish({ onIssue: done }).nodes);
        const first = body.querySelector('[data-first]');
        if (first.isConnected) first.focus();
      }

      function done(result) {
        body.className = 'issue';
        fill(body, issued(result, close, ask));
        heading(t('issue_done'));
        body.querySelector('[data-first]').focus();
      }

      ask();
      return [body];
    },
    { wide: true },
  );
}
