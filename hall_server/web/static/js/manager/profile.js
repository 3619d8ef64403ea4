// Work profiles as the matrix edits them: what a window always takes of everybody, and rules with
// a condition (a time, a class, a colleague's absence), which the matrix keeps as they are.

import { nameOf, t } from '../lib/page.js';

const CATEGORY = 'category:';

const hasTime = (rule) => Boolean(rule.from || rule.to || rule.weekdays);
const hasCondition = (rule) => hasTime(rule) || Boolean(rule.classes || rule.while_closed);

/** The word for a cell that a rule with a condition makes. */
function markOf(rule) {
  if (rule.while_closed) return t('cell_deputy');
  return rule.classes ? t('cell_classes') : t('cell_timed');
}

/** Every service and its category, for looking up. */
export class ServiceIndex {
  constructor(hall) {
    this.categories = hall.categories;
    this.ids = hall.categories.flatMap((category) => category.services.map((service) => service.id));
    this.ofCategory = new Map(hall.categories.map((c) => [c.id, c.services.map((s) => s.id)]));
    this.groups = new Map(hall.categories.map((c) => [CATEGORY + c.id, c.services.map((s) => s.id)]));
    for (const service of hall.categories.flatMap((c) => c.services)) {
      const kind = `kind:${service.kind}`;
      this.groups.set(kind, [...(this.groups.get(kind) ?? []), service.id]);
    }
    this.classNames = new Map(hall.priority_classes.map((c) => [c.id, nameOf(c)]));
  }

  /** A rule's `services` as a set of ids. */
  expand(services) {
    if (services === '*') return new Set(this.ids);
    return new Set(services.flatMap((entry) => this.groups.get(entry) ?? [entry]));
  }

  /** A set of ids as the shortest `services`: everything, whole categories, single services. */
  compress(set) {
    if (this.ids.length > 0 && this.ids.every((id) => set.has(id))) return '*';
    return this.categories.flatMap((category) => {
      const ids = this.ofCategory.get(category.id);
      if (ids.length > 0 && ids.every((id) => set.has(id))) return [CATEGORY + category.id];
      return ids.filter((id) => set.has(id));
    });
  }
}

/** A window's profile taken apart. */
export class Taken {
  constructor(rules, index) {
    this.timed = rules.filter(hasCondition).map(withoutNulls);
    this.always = new Set();
    for (const rule of rules.filter((r) => !hasCondition(r))) {
      for (const id of index.expand(rule.services)) this.always.add(id);
    }
  }

  /** The whole profile again, with `always` as the services that it always takes, and the rules
   * that have a condition. */
  rulesWith(always, timed, index) {
    if (always.size === 0 && timed.length > 0) return timed;
    return [{ services: index.compress(always) }, ...timed];
  }
}

function withoutNulls(rule) {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null && value !== undefined));
}

/** Per service: in which words, and when or of whom, rules with a condition take it. */
export function conditionsOf(rules, index) {
  const found = new Map();
  for (const rule of rules) {
    const entry = { mark: markOf(rule), words: `${markOf(rule)} ${whenText(rule, index)}` };
    for (const id of index.expand(rule.services)) found.set(id, [...(found.get(id) ?? []), entry]);
  }
  return found;
}

/** "周二、四 09:00–11:30", "仅绿色通道", "3 号窗口没人时". */
export function whenText(rule, index) {
  const parts = [];
  if (rule.while_closed) parts.push(t('when_closed', { window: t('window_n', { n: rule.while_closed }) }));
  if (rule.classes) {
    const names = rule.classes.map((id) => index.classNames.get(id) ?? id);
    parts.push(t('only_classes', { classes: names.join(t('list_comma')) }));
  }
  if (hasTime(rule)) parts.push(timeText(rule));
  return parts.join(t('list_comma'));
}

function timeText(rule) {
  const days = rule.weekdays
    ? t('weekdays', { days: rule.weekdays.map((day) => t(`weekday_${day}`)).join(t('list_comma')) })
    : t('every_day');
  let hours = '';
  if (rule.from && rule.to) hours = t('from_to', rule);
  else if (rule.from) hours = t('from_only', rule);
  else if (rule.to) hours = t('to_only', rule);
  return hours ? `${days} ${hours}` : days;
}

/** Changes that were not saved yet: per window, service id → taken or not; and the rules with a
 * condition where those were changed. */
export class Draft {
  constructor() {
    this.windows = new Map();
    this.rules = new Map();
    this.taken = new Map();
    this.index = null;
    this.conditions = new Map();
  }

  /** The profiles in force, by window number; what they already have is no change any more. */
  rebase(taken, index) {
    this.taken = taken;
    this.index = index;
    this.conditions.clear();
    for (const [number, rules] of this.rules) this.setRules(number, rules);
    for (const [number, changes] of this.windows) {
      for (const [id, on] of changes) this.set(number, id, on);
    }
  }

  has(number, id) {
    const changes = this.windows.get(number);
    return changes !== undefined && changes.has(id);
  }

  on(number, id) {
    const changes = this.windows.get(number);
    if (changes !== undefined && changes.has(id)) return changes.get(id);
    return this.inForce(number, id);
  }

  inForce(number, id) {
    const taken = this.taken.get(number);
    return taken !== undefined && taken.always.has(id);
  }

  set(number, id, on) {
    const changes = this.windows.get(number) ?? new Map();
    if (this.inForce(number, id) === on) changes.delete(id);
    else changes.set(id, on);
    if (changes.size) this.windows.set(number, changes);
    else this.windows.delete(number);
  }

  /** The rules with a condition that the window would have. */
  rulesOf(number) {
    return this.rules.get(number) ?? this.taken.get(number)?.timed ?? [];
  }

  setRules(number, rules) {
    const same = JSON.stringify(rules) === JSON.stringify(this.taken.get(number)?.timed ?? []);
    if (same) this.rules.delete(number);
    else this.rules.set(number, rules);
    this.conditions.delete(number);
  }

  /** Per service, the rules with a condition by which the window would take it. */
  conditionsOf(number) {
    if (!this.conditions.has(number)) this.conditions.set(number, conditionsOf(this.rulesOf(number), this.index));
    return this.conditions.get(number);
  }

  get size() {
    return Array.from(this.windows.values()).reduce((sum, changes) => sum + changes.size, this.rules.size);
  }

  get numbers() {
    return Array.from(new Set([...this.windows.keys(), ...this.rules.keys()])).sort((a, b) => a - b);
  }

  clear() {
    this.windows.clear();
    this.rules.clear();
    this.conditions.clear();
  }

  /** The window's whole profile as it would be. */
  profileOf(number) {
    return this.taken.get(number).rulesWith(this.alwaysOf(number), this.rulesOf(number), this.index);
  }

  /** What the window would always take. */
  alwaysOf(number) {
    const always = new Set(this.taken.get(number).always);
    for (const [id, on] of this.windows.get(number) ?? []) {
      if (on) always.add(id);
      else always.delete(id);
    }
    return always;
  }
}
