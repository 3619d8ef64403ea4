// Somebody who booked is here: a number is taken with the booking, and shown large.

import { command } from '../lib/api.js';
import { openDialog } from '../lib/dialog.js';
import { byId, fill, h, say } from '../lib/dom.js';
import { nameOf, range, t } from '../lib/page.js';
import { nobodyTakes } from '../lib/served.js';
import { clockHM, dayName, isoHM } from '../lib/time.js';

const ORDINARY = 'ordinary';
const BOOKED = 'appointment';

/** The hall's classes; whoever booked has one already unless another one is chosen. */
function classChoice(classes) {
  const options = classes
    .filter((entry) => entry.id !== BOOKED)
    .map((entry) =>
      h(
        'label',
        { class: 'class-option' },
        h('input', { type: 'radio', name: 'class', value: entry.id, checked: entry.id === ORDINARY }),
        h('span', {}, entry.id === ORDINARY ? t('class_booked') : nameOf(entry)),
      ),
    );
  return h('fieldset', { class: 'classes' }, h('legend', {}, t('check_in_class')), options);
}

function windowOfTime(entry, rules) {
  const at = (minutes) => clockHM(Date.parse(entry.starts) + minutes * 60000);
  return t('check_in_when', { from: at(-rules.early_min), to: at(rules.late_min) });
}

function issued({ ticket, unserved }, entry, close) {
  const about = range(ticket.p50_min, ticket.p90_min);
  const ahead = ticket.ahead ? t('ahead', { n: ticket.ahead }) : unserved ? '' : t('ahead_none');
  return [
    h('p', { class: 'big-number' }, ticket.number),
    h('p', {}, entry.service_name),
    h('p', { class: 'muted' }, about ? `${ahead} · ${t('about_minutes', { range: about })}` : ahead),
    unserved ? h('p', { class: 'notice notice-bad', role: 'alert' }, `▲ ${t('no_open_window')}`) : null,
    h('p', { class: 'tell' }, t('tell_number')),
    h('div', { class: 'dialog-buttons' }, h('button', { class: 'button button-main', type: 'button', 'data-first': true, onclick: () => close(ticket) }, t('ok'))),
  ];
}

/** Resolves to the ticket, or null when nothing was taken. */
export function checkInDialog(entry, { hall, list, today }) {
  let done = null;
  const day = entry.starts.slice(0, 10);
  const when = `${isoHM(entry.starts)}–${isoHM(entry.ends)}`;
  return openDialog(t('check_in_title'), (close) => {
    const body = h('div', {});
    const error = h('p', { class: 'notice notice-bad', role: 'alert', hidden: true });
    const classes = classChoice(hall.priority_classes);
    const button = h('button', { class: 'button button-main', type: 'button', 'data-first': true }, t('check_in'));
    button.onclick = async () => {
      if (button.disabled) return;
      button.disabled = true;
      try {
        const chosen = classes.querySelector('input:checked').value;
        done = await command('/tickets', { service_id: entry.service_id, priority_class: chosen, channel: 'desk', appointment_code: entry.code });
        const unserved = await nobodyTakes(done);
        fill(body, issued({ ticket: done, unserved }, entry, close));
        say(byId('dialog-title'), t('checked_in'));
        body.querySelector('[data-first]').focus();
      } catch (problem) {
        say(error, problem.message);
        error.hidden = false;
        button.disabled = false;
        button.focus();
      }
    };
    fill(
      body,
      h('p', { class: 'what' }, `${day === today ? '' : `${dayName(day)} `}${when} ${entry.service_name}`),
      h('p', { class: 'muted' }, `${t('col_code')} ${entry.code} · ${windowOfTime(entry, list.rules)}`),
      classes,
      error,
      h('div', { class: 'dialog-buttons' }, h('button', { class: 'button', type: 'button', onclick: () => close(null) }, t('back')), button),
    );
    return [body];
  }).then(() => done);
}
