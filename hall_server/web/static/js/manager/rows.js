// Which rows the matrix has: categories, and the services of those that are unfolded.

import { nameOf } from '../lib/page.js';

// Up to this many services everything is unfolded from the start.
const UNFOLD_UP_TO = 60;

const plain = (text) => text.toLowerCase().replace(/\s+/g, '');

export class Rows {
  constructor() {
    this.open = null;
    this.filter = '';
    this.onlyUnserved = false;
  }

  toggle(categoryId) {
    if (this.open.has(categoryId)) this.open.delete(categoryId);
    else this.open.add(categoryId);
  }

  setAll(hall, unfolded) {
    this.open = new Set(unfolded ? hall.categories.map((c) => c.id) : []);
  }

  /** The visible rows of `hall`; `unserved` are the services that no open window takes now. */
  list(hall, unserved) {
    if (this.open === null) {
      const total = hall.categories.reduce((n, c) => n + c.services.length, 0);
      this.setAll(hall, total <= UNFOLD_UP_TO);
    }
    const searching = this.filter !== '' || this.onlyUnserved;
    return hall.categories.flatMap((category) => {
      const services = category.services.filter((service) => this.matches(category, service, unserved));
      if (services.length === 0 && (searching || category.services.length === 0)) return [];
      const unfolded = searching || this.open.has(category.id);
      const head = { key: `c/${category.id}`, category, unfolded, ids: services.map((s) => s.id) };
      const rows = services.map((service) => ({ key: `s/${service.id}`, category, service, ids: [service.id] }));
      return unfolded ? [head, ...rows] : [head];
    });
  }

  matches(category, service, unserved) {
    if (this.onlyUnserved && !unserved.has(service.id)) return false;
    const wanted = plain(this.filter);
    return plain(`${nameOf(category)}${service.name}${service.name_en ?? ''}${service.id}`).includes(wanted);
  }
}
