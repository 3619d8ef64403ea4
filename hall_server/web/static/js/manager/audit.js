// What was decided by hand today: who put whom before others, and why.

import { byId, fill, h, show } from '../lib/dom.js';
import { english, t } from '../lib/page.js';
import { isoHM } from '../lib/time.js';

/** The latest of today's decisions, newest first. */
export function drawAudit(entries) {
  const rows = entries.map((entry) =>
    h(
      'tr',
      {},
      h('td', { class: 'num' }, isoHM(entry.at)),
      h('th', { scope: 'row' }, entry.who),
      h('td', {}, english ? entry.text_en : entry.text),
    ),
  );
  fill(byId('audit'), rows);
  show(byId('audit-none'), rows.length === 0);
  show(byId('audit-table'), rows.length > 0);
}
