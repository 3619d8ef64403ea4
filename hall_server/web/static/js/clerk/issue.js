// The desk's own numbers: a service is chosen, the number is shown to be told to the visitor.

import { command, get } from '../lib/api.js';
import { openDialog } from '../lib/dialog.js';
import { byId, fill, h, say } from '../lib/dom.js';
import { nameOf, range, t } from '../lib/page.js';
import { picker } from '../lib/picker.js';
import { state } from './state.js';

const ORDINARY = 'ordinary';

function serviceItems() {
  return state.hall.categories.flatMap((category) =>
    category.services.map((service) => ({
      value: service,
      label: nameOf(service),
      note: service.open ? '' : service.closed_reason || t('service_closed'),
      group: `${category.series} · ${nameOf(category)}`,
      disabled: !service.open,
    })),
  );
}

function classChoice() {
  const options = state.hall.priority_classes.map((entry) =>
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

function issued(ticket, service, close, again) {
  const about = range(ticket.p50_min, ticket.p90_min);
  return [
    h('p', { class: 'issued-number' }, ticket.number),
    h('p', {}, nameOf(service)),
    h('p', { class: 'muted' }, ticket.ahead ? t('issue_ahead', { n: ticket.ahead }) : t('issue_ahead_none'), about ? ` · ${t('minutes', { n: about })}` : ''),
    h('p', { class: 'issued-tell' }, t('issue_tell')),
    h(
      'div',
      { class: 'dialog-buttons' },
      h('button', { class: 'button', type: 'button', onclick: again }, t('issue_again')),
      h('button', { class: 'button button-main', type: 'button', 'data-first': true, onclick: () => close(ticket) }, t('ok')),
    ),
  ];
}

/** Opens the dialog; resolves when it is closed. */
export function issueDialog() {
  return openDialog(
    t('issue_title'),
    (close) => {
      const body = h('div', { class: 'issue' });
      const error = h('p', { class: 'notice notice-bad', role: 'alert', hidden: true });
      let busy = false;

      function ask() {
        busy = false;
        error.hidden = true;
        const heading = byId('dialog-title');
        if (heading) say(heading, t('issue_title'));
        const classes = classChoice();
        const chosen = () => classes.querySelector('input:checked').value;
        const take = (service) => attempt(() => issue(service, chosen()));
        const booked = codeForm((code) => attempt(async () => issue(await bookedService(code), chosen(), code)));
        fill(body, state.hall.policy.appointments ? booked : [], classes, picker(serviceItems(), take), error);
        const first = body.querySelector('[data-first]');
        if (first.isConnected) first.focus();
      }

      async function issue(service, priorityClass, code = null) {
        const wish = { service_id: service.id, priority_class: priorityClass, channel: 'desk' };
        if (code !== null) wish.appointment_code = code;
        const ticket = await command('/tickets', wish);
        fill(body, issued(ticket, service, close, ask));
        say(byId('dialog-title'), t('issue_done'));
        body.querySelector('[data-first]').focus();
      }

      async function attempt(work) {
        if (busy) return;
        busy = true;
        try {
          await work();
        } catch (problem) {
          error.textContent = problem.message;
          error.hidden = false;
          busy = false;
        }
      }

      ask();
      return [body];
    },
    { wide: true },
  );
}
