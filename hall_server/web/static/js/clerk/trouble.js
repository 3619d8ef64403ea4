// Panels and printers that need somebody, in words.

import { byId, fill, h } from '../lib/dom.js';
import { t } from '../lib/page.js';
import { panelWindow, partName, partText, partsOf } from '../lib/parts.js';
import { state } from './state.js';

/** Another window's panel is another clerk's business. */
function concerns(part) {
  const panel = panelWindow(part);
  return panel === null || panel === state.session.window;
}

function troubles() {
  return state.devices
    .filter((device) => device.state === 'approved')
    .flatMap((device) => {
      if (!device.online) return [t('device_away', { name: device.name })];
      return partsOf(device)
        .filter((part) => !part.ok && concerns(part))
        .map((part) => `${partName(part)}${t('list_colon')}${partText(part)}`);
    });
}

export function drawTrouble() {
  fill(byId('trouble'), troubles().map((text) => h('li', { class: 'notice notice-warn' }, text)));
}
