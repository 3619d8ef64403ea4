// Several services on one ticket, in the order in which they will be done.

import { fill, h, say, show } from '../lib/dom.js';
import { nameOf, t } from '../lib/page.js';

// The first, and the eight that a ticket may carry besides.
const MOST = 9;

export class Basket {
  constructor(onDone) {
    this.services = [];
    this.list = h('ol', { class: 'basket-list', 'aria-label': t('basket_title') });
    this.none = h('p', { class: 'muted' }, t('basket_none'));
    this.total = h('b', { role: 'status', 'aria-live': 'polite' });
    this.button = h('button', { class: 'button button-main', type: 'button', onclick: onDone }, t('basket_issue'));
    this.node = h('section', { class: 'basket', hidden: true }, this.none, this.list, h('div', { class: 'basket-foot' }, this.total, this.button));
    this.draw();
  }

  show(visible) {
    show(this.node, visible);
    if (!visible) this.clear();
  }

  clear() {
    this.services = [];
    this.draw();
  }

  /** Adds it at the end; returns why it cannot be added, or null. */
  add(service) {
    if (this.services.some((one) => one.id === service.id)) return t('basket_twice', { service: nameOf(service) });
    if (this.services.length >= MOST) return t('basket_full', { n: MOST });
    this.services.push(service);
    this.draw();
    this.list.lastElementChild.scrollIntoView({ block: 'nearest' });
    return null;
  }

  remove(service) {
    const at = this.services.indexOf(service);
    this.services.splice(at, 1);
    this.draw();
    const buttons = this.list.querySelectorAll('button');
    const next = buttons[Math.min(at, buttons.length - 1)];
    if (next) next.focus();
  }

  draw() {
    const n = this.services.length;
    const minutes = this.services.reduce((sum, service) => sum + service.minutes, 0);
    fill(
      this.list,
      this.services.map((service, i) =>
        h(
          'li',
          {},
          h('b', {}, String(i + 1)),
          h('span', {}, nameOf(service)),
          h('button', { class: 'button button-small', type: 'button', 'aria-label': `${t('basket_remove')} ${nameOf(service)}`, onclick: () => this.remove(service) }, t('basket_remove')),
        ),
      ),
    );
    show(this.none, n === 0);
    say(this.total, n ? t('basket_total', { n, minutes }) : '');
    this.button.disabled = n === 0;
  }
}
