// Panels and printers that need somebody, in words.

import { byId, fill, h } from '../lib/dom.js';
import { english, t } from '../lib/page.js';
import { state } from './state.js';

function troubles() {
  return state.devices
    .filter((device) => device.state === 'approved')
    .flatMap((device) => {
      if (!device.online) return [t('device_away', { name: device.name })];
      const parts = (device.status && device.status.parts) || [];
      return parts.filter((part) => !part.ok).map((part) => `${part.name}${t('list_colon')}${english ? part.text_en : part.text}`);
    });
}

export function drawTrouble() {
  fill(byId('trouble'), troubles().map((text) => h('li', { class: 'notice notice-warn' }, text)));
}
