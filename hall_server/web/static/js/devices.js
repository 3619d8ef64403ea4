// The devices of the hall: how they are, and who may come in.

import { command, get } from './lib/api.js';
import { confirm } from './lib/dialog.js';
import { byId, fill, h, keyed, say, show } from './lib/dom.js';
import { showLink } from './lib/link.js';
import { LiveStream, coalesce } from './lib/live.js';
import { t } from './lib/page.js';
import { deviceName, partName, partText, partsOf } from './lib/parts.js';
import { Session } from './lib/session.js';
import { clockHMS, nowMs } from './lib/time.js';

const POLL_MS = 10000;
const SETTLE_MS = 200;
// A device with more parts has the whole width.
const MANY_PARTS = 12;

let devices = [];
let inside = false;
let busy = false;

/** Smaller is more pressing. */
function rank(device) {
  if (device.state === 'pending') return 0;
  if (!device.online) return 1;
  return partsOf(device).some((part) => !part.ok) ? 2 : 3;
}

function stateOf(device) {
  if (device.state === 'pending') return ['pill pill-paused', t('pending')];
  return device.online ? ['pill pill-open', t('online')] : ['pill pill-away', t('away')];
}

function newDevice() {
  return h(
    'li',
    {},
    h('header', { class: 'device-head' }, h('h2', {}), h('span', {})),
    h('p', { class: 'device-facts muted' }),
    h('p', { class: 'device-code notice', hidden: true }),
    h('ul', { class: 'parts' }),
    h('p', { class: 'device-acts' }, h('button', { type: 'button', class: 'button button-main' }, t('approve')), h('button', { type: 'button', class: 'button' }, t('revoke'))),
  );
}

function partRow(part) {
  return h(
    'li',
    { class: part.ok ? 'part part-ok' : 'part part-bad' },
    h('b', {}, partName(part)),
    partText(part) ? h('span', {}, partText(part)) : null,
    h('i', {}, t(part.ok ? 'part_ok' : 'part_bad')),
  );
}

function factsOf(device) {
  const seen = device.last_seen ? t('last_seen', { time: clockHMS(Date.parse(device.last_seen)) }) : t('never_seen');
  const version = device.status ? t('version', { version: device.status.version }) : '';
  return [t(`kind_${device.kind}`), seen, version].filter(Boolean).join(' · ');
}

function updateDevice(node, device) {
  const [head, facts, code, parts, acts] = node.children;
  const [name, pill] = head.children;
  node.className = `device card device-rank-${rank(device)}`;
  say(name, deviceName(device));
  const [look, words] = stateOf(device);
  pill.className = look;
  say(pill, words);
  say(facts, factsOf(device));
  const pending = device.state === 'pending';
  show(code, pending);
  if (pending) say(code, t('approve_help', { code: device.code }));
  const sorted = partsOf(device).slice().sort((a, b) => Number(a.ok) - Number(b.ok));
  node.classList.toggle('device-many', sorted.length > MANY_PARTS);
  fill(parts, sorted.length ? sorted.map(partRow) : device.state === 'approved' ? h('li', { class: 'muted' }, t('no_parts')) : null);
  const [approve, revoke] = acts.children;
  show(approve, pending);
  say(revoke, t(pending ? 'refuse' : 'revoke'));
  approve.onclick = () => act(device, 'approve');
  revoke.onclick = () => askRevoke(device);
}

function draw() {
  const sorted = devices.slice().sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  keyed(byId('devices'), sorted, (device) => device.id, newDevice, updateDevice);
  show(byId('none'), devices.length === 0);
}

function announce(text, bad) {
  byId('said').className = `said ${bad ? 'notice notice-bad' : ''}`;
  say(byId('said'), text);
}

async function act(device, verb) {
  if (busy) return;
  busy = true;
  try {
    await command(`/devices/${encodeURIComponent(device.id)}/${verb}`);
    announce('', false);
  } catch (error) {
    announce(error.message, true);
  } finally {
    busy = false;
  }
  refresh();
}

async function askRevoke(device) {
  const pending = device.state === 'pending';
  const question = t(pending ? 'confirm_refuse' : 'confirm_revoke', { name: deviceName(device) });
  if (await confirm(question, t(pending ? 'refuse' : 'revoke'))) await act(device, 'revoke');
}

async function load() {
  if (!inside) return;
  try {
    devices = (await get('/devices')).devices;
    draw();
  } catch (error) {
    if (error.status === undefined) throw error;
  }
}

const refresh = coalesce(load, SETTLE_MS);
const stream = new LiveStream('devices', {
  onEvent: refresh,
  onLink: (up, since) => {
    showLink(up, since ?? nowMs());
    if (up) refresh();
  },
});

const session = new Session({
  roles: ['manager'],
  onIn: () => {
    inside = true;
    refresh();
    stream.start();
  },
  onOut: () => {
    inside = false;
    stream.stop();
  },
});
setInterval(refresh, POLL_MS);
session.begin();
