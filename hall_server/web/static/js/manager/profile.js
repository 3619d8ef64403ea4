// Work profiles as the matrix edits them: what a window always takes, and rules by time that are
// kept as they are.

import { t } from '../lib/page.js';

const CATEGORY = 'category:';

const isTimed = (rule) => Boolean(rule.from || rule.to || rule.weekdays);

/** Every service and its category, for looking up. */
export class ServiceIndex {
  constructor(hall) {
    this.categories = hall.categories;
    this.ids = hall.categories.flatMap((category) => category.services.map((service) => service.id));
    this.ofCategory = new Map(hall.categories.map((c) => [c.id, c.services.map((s) => s.id)]));
  }

  /** A rule's `services` as a set of ids. */
  expand(services) {
    if (services === '*') return new Set(this.ids);
    return new Set(services.flatMap((entry) => (entry.startsWith(CATEGORY) ? this.ofCategory.get(entry.slice(CATEGORY.length)) ?? [] : [entry])));
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
    this.timed = rules.filter(isTimed);
    this.always = new Set();
    for (const rule of rules.filter((r) => !isTimed(r))) {
      for (const id of index.expand(rule.services)) this.always.add(id);
    }
    this.byTime = new Map();
    for (const rule of this.timed) {
      for (const id of index.expand(rule.services)) {
        this.byTime.set(id, [...(this.byTime.get(id) ?? []), whenText(rule)]);
      }
    }
  }

  /** The whole profile again, with `always` as the services that it always takes. */
  rulesWith(always, index) {
    const timed = this.timed.map(withoutNulls);
    if (always.size === 0 && timed.length > 0) return timed;
    return [{ services: index.compress(always) }, ...timed];
  }
}

function withoutNulls(rule) {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null && value !== undefined));
}

/** "周二、四 09:00–11:30". */
export function whenText(rule) {
  const days = rule.weekdays
    ? t('weekdays', { days: rule.weekdays.map((day) => t(`weekday_${day}`)).join(t('list_comma')) })
    : t('every_day');
  let hours = '';
  if (rule.from && rule.to) hours = t('from_to', rule);
  else if (rule.from) hours = t('from_only', rule);
  else if (rule.to) hours = t('to_only', rule);
  return hours ? `${days} ${hours}` : days;
}

/** Changes that were not saved yet: per window, service id → taken or not. */
export class Draft {
  constructor() {
    this.windows = new Map();
    this.taken = new Map();
  }

  /** The profiles in force, by window number; what they already have is no change any more. */
  rebase(taken) {
    this.taken = taken;
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

  get size() {
    return Array.from(this.windows.values()).reduce((sum, changes) => sum + changes.size, 0);
  }

  get numbers() {
    return Array.from(this.windows.keys()).sort((a, b) => a - b);
  }

  clear() {
    this.windows.clear();
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
