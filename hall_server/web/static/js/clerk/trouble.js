// What needs somebody, in words: people whom nobody can call, panels and printers.

import { byId, fill, h } from '../lib/dom.js';
import { english, t } from '../lib/page.js';
import { deviceName, panelWindow, partName, partText, partsOf } from '../lib/parts.js';
import { leftSentences } from './leftbehind.js';
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
      if (!device.online) return [t('device_away', { name: deviceName(device) })];
      return partsOf(device)
        .filter((part) => !part.ok && concerns(part))
        .map((part) => `${partName(part)}${t('list_colon')}${partText(part)}`);
    });
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
