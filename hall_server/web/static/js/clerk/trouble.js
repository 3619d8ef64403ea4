// What needs somebody, in words: people whom nobody can call, panels and printers.

import { byId, fill, h } from '../lib/dom.js';
import { english, t } from '../lib/page.js';
import { deviceName, isPanel, partName, partText, partsOf, windowOf } from '../lib/parts.js';
import { leftSentences } from './leftbehind.js';
import { state } from './state.js';

/** Another window's panel or printer is another clerk's business. */
function concerns(part) {
  const window = windowOf(part);
  return window === null || window === state.session.window;
}

const myPanel = (part) => isPanel(part) && !part.ok && concerns(part);

function troubleOf(device) {
  if (!device.online) {
    const text = t('device_away', { name: deviceName(device) });
    return [partsOf(device).some(myPanel) ? t('panel_trouble', { text }) : text];
  }
  return partsOf(device)
    .filter((part) => !part.ok && concerns(part))
    .map((part) => (isPanel(part) ? t('panel_trouble', { text: partText(part) }) : `${partName(part)}${t('list_colon')}${partText(part)}`));
}

/** What may hide a call from the visitor comes first; the same of two panels is said once. */
function troubles() {
  const texts = state.devices
    .filter((device) => device.state === 'approved')
    .sort((a, b) => Number(partsOf(b).some(myPanel)) - Number(partsOf(a).some(myPanel)))
    .flatMap(troubleOf);
  return Array.from(new Set(texts));
}

/** After hours whoever has a number is still served, and the day's record says so. */
function afterHours() {
  const policy = state.hall && state.hall.policy;
  if (!policy || policy.open_now || state.window === null || state.window.waiting === 0) return [];
  return [t('after_hours', { text: english ? policy.closed_text_en : policy.closed_text, n: state.window.waiting })];
}

/** People are more pressing than devices. */
export function drawTrouble() {
  const people = leftSentences(state.stranded, state.session.window).map((text) => h('li', { class: 'notice notice-bad' }, `▲ ${text}`));
  const late = afterHours().map((text) => h('li', { class: 'notice' }, text));
  fill(byId('trouble'), people, late, troubles().map((text) => h('li', { class: 'notice notice-warn' }, `▲ ${text}`)));
}
