// The words that say whether this page is connected.

import { byId, say, show } from './dom.js';
import { t } from './page.js';
import { clockHMS } from './time.js';

/** Shows the state in the bar; `since` is when the connection was lost. */
export function showLink(up, since) {
  const box = byId('link');
  show(box, true);
  box.className = `link ${up ? 'link-up' : 'link-lost'}`;
  say(byId('link-text'), up ? t('link_up') : t('link_lost', { since: clockHMS(since) }));
}
