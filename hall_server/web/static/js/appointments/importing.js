// A table of appointments: chosen, sent, and what is wrong with it row by row.

import { command } from '../lib/api.js';
import { openDialog } from '../lib/dialog.js';
import { byId, fill, h, say } from '../lib/dom.js';
import { english, nameOf, t } from '../lib/page.js';
import { dayName, isoHM } from '../lib/time.js';
import { downloadCsv, parseCsv, textOf } from './csv.js';
import { serviceOf } from './list.js';

const COLUMNS = ['person', 'service_id', 'date', 'time', 'channel'];
// What the server takes in one request.
const MOST_LETTERS = 60000;

function bookable(hall, rules) {
  const services = hall.categories.flatMap((category) => category.services);
  return rules.services === null ? services : services.filter((service) => rules.services.includes(service.id));
}

function template(services, rules) {
  const example = services.length ? services[0].id : 'service-id';
  downloadCsv('appointments.csv', [COLUMNS, ['13900000001', example, rules.first_day, '09:00', 'phone']]);
}

function idsOf(services) {
  return h(
    'details',
    { class: 'ids' },
    h('summary', {}, t('import_ids')),
    h(
      'div',
      { class: 'ids-box' },
      h('table', { class: 'table' }, h('thead', {}, h('tr', {}, h('th', {}, t('import_col_id')), h('th', {}, t('col_service')))), h('tbody', {}, services.map((service) => h('tr', {}, h('td', {}, h('code', {}, service.id)), h('td', {}, nameOf(service)))))),
    ),
  );
}

/** The server says it in both languages. */
function inOneLanguage(message) {
  const at = message.indexOf(' / ');
  if (at < 0) return message;
  return english ? message.slice(at + 3) : message.slice(0, at);
}

/** Who it is stands in the manager's own file; it is not put on the screen. */
const contentOf = (row) => (row === undefined ? '' : row.slice(1).join(' · '));

function problemTable(details, rows) {
  const sorted = details.slice().sort((a, b) => a.row - b.row);
  return [
    h(
      'div',
      { class: 'problems' },
      h(
        'table',
        { class: 'table' },
        h('thead', {}, h('tr', {}, h('th', { scope: 'col', class: 'num' }, t('import_col_row')), h('th', { scope: 'col' }, t('import_col_problem')), h('th', { scope: 'col' }, t('import_col_text')))),
        h(
          'tbody',
          {},
          sorted.map(({ row, message }) => h('tr', {}, h('th', { scope: 'row', class: 'num' }, String(row)), h('td', { class: 'problem' }, inOneLanguage(message)), h('td', { class: 'muted' }, contentOf(rows[row - 1])))),
        ),
      ),
    ),
    details.length >= 50 ? h('p', { class: 'muted' }, t('import_more', { n: details.length })) : null,
  ];
}

function codes(booked, rows) {
  const people = rows.slice(1).filter((row) => row.some((cell) => cell.trim() !== ''));
  const lines = booked.map((entry, i) => [people[i] ? people[i][0].trim() : '', entry.code, entry.starts.slice(0, 10), isoHM(entry.starts), entry.service_name]);
  downloadCsv('appointment-codes.csv', [['person', 'code', 'date', 'time', 'service'], ...lines]);
}

function imported(booked, { hall, rows, close }) {
  return [
    h('p', { class: 'tell' }, t('import_codes_help')),
    h(
      'ul',
      { class: 'codes' },
      booked.map((entry) => h('li', {}, h('b', { class: 'code' }, entry.code), h('span', {}, `${dayName(entry.starts.slice(0, 10))} ${isoHM(entry.starts)}`), h('span', { class: 'muted' }, serviceOf(hall, entry)))),
    ),
    h(
      'div',
      { class: 'dialog-buttons' },
      h('button', { class: 'button', type: 'button', onclick: () => codes(booked, rows) }, t('import_codes')),
      h('button', { class: 'button button-main', type: 'button', 'data-first': true, onclick: () => close() }, t('ok')),
    ),
  ];
}

/** Resolves to the first day that was booked, or null. */
export function importDialog(hall, rules) {
  const services = bookable(hall, rules);
  let day = null;
  return openDialog(
    t('import_title'),
    (close) => {
      const body = h('div', { class: 'importing' });
      const result = h('div', { role: 'alert' });
      const file = h('input', { id: 'import-file', type: 'file', accept: '.csv,text/csv', 'data-first': true });
      const go = h('button', { class: 'button button-main', type: 'button', disabled: true }, t('import_go'));
      let text = '';
      let rows = [];

      function wrong(message, ...more) {
        fill(result, h('p', { class: 'notice notice-bad' }, message), ...more);
      }

      async function read() {
        fill(result);
        go.disabled = true;
        say(go, t('import_go'));
        if (!file.files.length) return;
        text = (await textOf(file.files[0])) ?? '';
        rows = parseCsv(text);
        const n = rows.slice(1).filter((row) => row.length).length;
        if (text === '' && file.files[0].size) wrong(t('import_not_text'));
        else if (text.length > MOST_LETTERS) wrong(t('import_too_large'));
        else if (n === 0) wrong(t('import_empty'));
        else {
          say(go, t('import_go_n', { n }));
          go.disabled = false;
        }
      }

      async function send() {
        go.disabled = true;
        fill(result, h('p', { class: 'muted' }, t('import_working')));
        try {
          const { booked } = await command('/appointments/import', { csv: text });
          if (booked.length) day = booked[0].starts.slice(0, 10);
          say(byId('dialog-title'), t('imported', { n: booked.length }));
          fill(body, imported(booked, { hall, rows, close }));
          body.querySelector('[data-first]').focus();
        } catch (problem) {
          const details = problem.code === 'invalid_rows' ? problem.details : [];
          wrong(problem.message, details.length ? problemTable(details, rows) : null);
          go.disabled = details.length > 0;
        }
      }

      file.addEventListener('change', () => {
        read();
      });
      go.addEventListener('click', send);
      fill(
        body,
        h('p', { class: 'muted' }, t('import_help')),
        h('p', { class: 'import-tools' }, h('button', { class: 'button', type: 'button', onclick: () => template(services, rules) }, t('import_template'))),
        idsOf(services),
        h('label', { for: 'import-file' }, t('import_file')),
        file,
        result,
        h('div', { class: 'dialog-buttons' }, h('button', { class: 'button', type: 'button', onclick: () => close() }, t('back')), go),
      );
      return [body];
    },
    { wide: true },
  ).then(() => day);
}
