// The rules of a window that have a condition: only certain classes, only at certain times, only
// while a colleague's window is not open (AB岗).

import { fill, h, say } from '../lib/dom.js';
import { openDialog } from '../lib/dialog.js';
import { nameOf, t } from '../lib/page.js';
import { whenText } from './profile.js';

const DAYS = [1, 2, 3, 4, 5, 6, 7];
const MOST_NAMES = 3;

/** What a rule takes, in words: "社会保障、公安户籍 等 5 项". */
function servicesText(rule, hall) {
  if (rule.services === '*') return t('all_services');
  const names = new Map(hall.categories.flatMap((c) => c.services.map((s) => [s.id, nameOf(s)])));
  for (const category of hall.categories) names.set(`category:${category.id}`, nameOf(category));
  for (const kind of ['apply', 'collect', 'consult']) names.set(`kind:${kind}`, t(`kind_${kind}`));
  const known = rule.services.map((entry) => names.get(entry) ?? entry);
  const some = known.slice(0, MOST_NAMES).join(t('list_comma'));
  return known.length > MOST_NAMES ? t('and_more', { some, n: known.length }) : some;
}

function servicesSelect(hall) {
  const option = (value, label) => h('option', { value }, label);
  const kinds = new Set(hall.categories.flatMap((c) => c.services.map((s) => s.kind)));
  return h(
    'select',
    { id: 'rule-services' },
    option('*', t('all_services')),
    Array.from(kinds).map((kind) => option(`kind:${kind}`, t(`kind_${kind}`))),
    h('optgroup', { label: t('col_category') }, hall.categories.map((c) => option(`category:${c.id}`, nameOf(c)))),
    hall.categories.map((c) => h('optgroup', { label: nameOf(c) }, c.services.map((s) => option(s.id, nameOf(s))))),
  );
}

const field = (label, control) => h('label', { class: 'rule-field' }, h('span', {}, label), control);

/** A rule that is being written. `settle()` adds what was entered; false when it is no rule yet. */
function newForm(window_, { hall, windows }, onAdd) {
  const services = servicesSelect(hall);
  const classes = h(
    'select',
    { id: 'rule-classes' },
    h('option', { value: '' }, t('everybody')),
    hall.priority_classes.map((c) => h('option', { value: c.id }, t('only_classes', { classes: nameOf(c) }))),
  );
  const closed = h(
    'select',
    { id: 'rule-closed' },
    h('option', { value: '' }, t('whatever_others_do')),
    windows.filter((w) => w.number !== window_.number).map((w) => h('option', { value: String(w.number) }, t('when_closed', { window: `${t('window_n', { n: w.number })} ${w.name}` }))),
  );
  const from = h('input', { id: 'rule-from', type: 'time' });
  const to = h('input', { id: 'rule-to', type: 'time' });
  const days = DAYS.map((day) => h('input', { type: 'checkbox', value: String(day) }));
  const fields = [services, classes, closed, from, to];
  const problem = h('p', { class: 'bad', role: 'alert', hidden: true });
  function add() {
    const weekdays = days.filter((box) => box.checked).map((box) => Number(box.value));
    const rule = { services: services.value === '*' ? '*' : [services.value] };
    if (classes.value) rule.classes = [classes.value];
    if (from.value) rule.from = from.value;
    if (to.value) rule.to = to.value;
    if (weekdays.length) rule.weekdays = weekdays;
    if (closed.value) rule.while_closed = Number(closed.value);
    const bad = Object.keys(rule).length === 1 ? t('rule_needs_condition') : from.value && to.value && to.value <= from.value ? t('rule_hours') : '';
    say(problem, bad);
    problem.hidden = bad === '';
    if (bad !== '') {
      problem.scrollIntoView({ block: 'nearest' });
      return false;
    }
    onAdd(rule);
    fields.forEach((one) => { one.value = one === services ? '*' : ''; });
    days.forEach((box) => { box.checked = false; });
    return true;
  }
  const touched = () => services.value !== '*' || fields.some((one) => one !== services && one.value) || days.some((box) => box.checked);
  const node = h(
    'fieldset',
    { class: 'rule-form' },
    h('legend', {}, t('rule_new')),
    field(t('rule_services'), services),
    field(t('rule_classes'), classes),
    field(t('rule_closed'), closed),
    h('div', { class: 'rule-times' }, field(t('rule_from'), from), field(t('rule_to'), to)),
    h('div', { class: 'rule-days' }, days.map((box) => h('label', {}, box, t('weekdays', { days: t(`weekday_${box.value}`) })))),
    problem,
    h('button', { class: 'button', type: 'button', onclick: add }, t('rule_add')),
  );
  return { node, settle: () => !touched() || add() };
}

/** Edits a copy of `rules`; resolves to it, or to null when nothing shall change. */
export function editRules(window_, { hall, windows, index, rules }) {
  const edited = rules.slice();
  const title = t('rules_of', { window: t('window_n', { n: window_.number }) });
  return openDialog(
    `${title} · ${window_.name}`,
    (close) => {
      const list = h('ul', { class: 'rules' });
      function draw() {
        const items = edited.map((rule, i) =>
          h(
            'li',
            {},
            h('span', {}, h('b', {}, servicesText(rule, hall)), ` ${whenText(rule, index)}`),
            h('button', { class: 'button button-small', type: 'button', onclick: () => { edited.splice(i, 1); draw(); } }, t('rule_remove')),
          ),
        );
        fill(list, items.length ? items : h('li', { class: 'muted' }, t('rules_none')));
      }
      draw();
      const form = newForm(window_, { hall, windows }, (rule) => {
        edited.push(rule);
        draw();
      });
      return [
        h('p', { class: 'muted' }, t('rules_help')),
        list,
        form.node,
        h(
          'div',
          { class: 'dialog-buttons' },
          h('button', { class: 'button', type: 'button', onclick: () => close(null) }, t('cancel')),
          h('button', { class: 'button button-main', type: 'button', 'data-first': true, onclick: () => form.settle() && close(edited) }, t('rules_done')),
        ),
      ];
    },
    { wide: true },
  );
}
