// The live hall: windows as tiles, lines by category, and what needs attention.

import { byId, fill, h, keyed, say, show } from '../lib/dom.js';
import { english, nameOf, range, serviceNameIn, t } from '../lib/page.js';
import { deviceName, isPanel, partName, partText, partsOf, rangesOf, windowOf } from '../lib/parts.js';
import { minutesSince } from '../lib/time.js';
import { drawForecast } from './forecast.js';

// More tiles than this are drawn small.
const MANY_WINDOWS = 20;
const MOST_NAMES = 6;
// As in manager.css, in pixels.
const TILE_LEAST = 200;
const TILE_GAP = 14;

/** The services that no open window takes now. */
export function unservedServices(hall, windows) {
  const taken = new Set(windows.filter((w) => w.state === 'open').flatMap((w) => w.services_now));
  return new Set(hall.categories.flatMap((c) => c.services.map((s) => s.id)).filter((id) => !taken.has(id)));
}

function newTile() {
  return h(
    'li',
    { class: 'tile' },
    h('p', { class: 'tile-head' }, h('b', { class: 'tile-number' }), h('span', { class: 'tile-name' })),
    h('p', { class: 'tile-state' }),
    h('p', { class: 'tile-ticket' }),
    h('p', { class: 'tile-service' }),
    h('p', { class: 'tile-foot' }, h('span', {}), h('span', {})),
  );
}

function updateTile(node, w, hall) {
  const [head, state, ticket, service, foot] = node.children;
  node.className = `tile card tile-${w.state} ${w.active ? `tile-${w.active.state}` : ''}`;
  say(head.firstElementChild, String(w.number));
  say(head.lastElementChild, w.name);
  head.title = w.name;
  state.className = `tile-state pill pill-${w.state}`;
  say(state, w.state === 'paused' && w.pause_reason ? `${t('state_paused')}${t('list_colon')}${w.pause_reason}` : t(`state_${w.state}`));
  const current = w.active;
  say(ticket, current ? current.number : w.state === 'open' ? t('no_ticket') : '—');
  const since = current && current.called_at ? t('for_minutes', { n: minutesSince(current.called_at) }) : '';
  say(service, current ? `${t(`ticket_${current.state}`)} ${since} · ${serviceNameIn(hall, current.service_id, current.service_name)}` : '');
  service.title = service.textContent;
  say(foot.firstElementChild, t('n_waiting', { n: w.waiting }));
  say(foot.lastElementChild, w.clerk ? t('clerk_at', { n: w.clerk }) : t('clerk_none'));
}

/** As many tiles in each row, so that none is alone in the last one. */
function balance(n) {
  const box = byId('tiles');
  const fit = Math.floor((box.clientWidth + TILE_GAP) / (TILE_LEAST + TILE_GAP));
  const columns = n > MANY_WINDOWS || fit < 2 ? 0 : Math.ceil(n / Math.ceil(n / fit));
  box.style.gridTemplateColumns = columns > 1 ? `repeat(${columns}, minmax(0, 1fr))` : '';
}
window.addEventListener('resize', () => balance(byId('tiles').childElementCount));

export function drawTiles(hall, windows) {
  byId('tiles').classList.toggle('tiles-many', windows.length > MANY_WINDOWS);
  balance(windows.length);
  keyed(byId('tiles'), windows, (w) => w.number, newTile, (node, w) => updateTile(node, w, hall));
}

function longestByCategory(hall, waiting) {
  const categoryOf = new Map(hall.categories.flatMap((c) => c.services.map((s) => [s.id, c.id])));
  const longest = new Map();
  for (const ticket of waiting) {
    const category = categoryOf.get(ticket.service_id);
    longest.set(category, Math.max(longest.get(category) ?? 0, minutesSince(ticket.issued_at)));
  }
  return longest;
}

export function drawLines(hall, board, waiting, alarms) {
  drawForecast(board.forecast);
  const longest = longestByCategory(hall, waiting);
  const alarmed = new Set(alarms.map((alarm) => alarm.service_id));
  const bad = new Set(hall.categories.filter((c) => c.services.some((s) => alarmed.has(s.id))).map((c) => c.id));
  const named = new Map(hall.categories.map((c) => [c.id, nameOf(c)]));
  fill(
    byId('lines'),
    board.waiting.map((line) => {
      const about = range(line.p50_min, line.p90_min);
      const oldest = longest.get(line.category);
      const mark = bad.has(line.category) ? 'bad' : '';
      return h(
        'tr',
        {},
        h('th', { scope: 'row' }, named.get(line.category) ?? line.category_name),
        h('td', { class: `num ${mark}` }, t('people', { n: line.count })),
        h('td', { class: `num ${mark}` }, oldest === undefined ? '—' : t('minutes', { n: oldest })),
        h('td', { class: 'num' }, about ? t('about', { range: about }) : '—'),
      );
    }),
  );
}

/** Who is away for a moment comes back; a closed window has to be opened. */
function remedy(entry, windows) {
  const paused = new Set(windows.filter((w) => w.state === 'paused').map((w) => w.number));
  const some = (numbers, word) => (numbers.length ? [t(word, { windows: numbers.slice(0, MOST_NAMES).join(t('list_comma')) })] : []);
  const ways = [
    ...some(entry.windows.filter((n) => paused.has(n)), 'stranded_resume'),
    ...some(entry.windows.filter((n) => !paused.has(n)), 'stranded_open'),
  ];
  return ways.length ? `${ways.join(t('stranded_join'))}${t('stranded_change')}` : t('stranded_nobody');
}

/** Whom no open window may call: who they are, why, and what to do. */
function strandedItem(entry, { hall, windows }) {
  const numbers = entry.numbers.join(t('list_comma')) + (entry.count > entry.numbers.length ? '…' : '');
  const service = serviceNameIn(hall, entry.service_id, entry.service_name);
  const who = entry.class_name ? `${service} · ${entry.class_name}` : service;
  return h(
    'li',
    { class: 'notice notice-bad stranded' },
    h('b', {}, `▲ ${t('stranded', { service: who, n: entry.count, numbers })}`),
    h('span', {}, ` ${english ? entry.reason_en : entry.reason}${t('full_stop')}`),
    h('span', {}, remedy(entry, windows), ' '),
    h('a', { href: '#matrix' }, t('stranded_matrix')),
  );
}

function unservedTexts(hall, unserved) {
  const texts = [];
  const parts = hall.categories.flatMap((category) => {
    const missing = category.services.filter((service) => unserved.has(service.id));
    if (missing.length === 0) return [];
    if (missing.length === category.services.length || missing.length > MOST_NAMES) {
      return [t('warn_nobody_category', { category: nameOf(category), n: missing.length })];
    }
    return missing.map(nameOf);
  });
  if (parts.length) texts.push(t('warn_nobody', { services: parts.join(t('list_comma')) }));
  return texts;
}

/** One panel with what is wrong with it, several by their windows' numbers alone. */
function panelTexts(approved) {
  const panels = approved.flatMap(partsOf).filter((part) => isPanel(part) && !part.ok);
  const failed = panels.filter((part) => part.state !== 'unknown');
  const unknown = panels.filter((part) => part.state === 'unknown');
  const some = (parts, word) => (parts.length ? [t(word, { windows: rangesOf(parts.map(windowOf)) })] : []);
  const alone = failed.length === 1 ? [t('warn_device', { name: partName(failed[0]), text: partText(failed[0]) })] : some(failed, 'panels_failed');
  return [...alone, ...some(unknown, 'panels_unknown')];
}

function deviceTexts(devices) {
  const pending = devices.filter((device) => device.state === 'pending').length;
  const approved = devices.filter((device) => device.state === 'approved');
  const texts = approved.flatMap((device) => {
    if (!device.online) return [t('warn_device', { name: deviceName(device), text: t('device_away') })];
    const parts = partsOf(device).filter((part) => !part.ok && !isPanel(part));
    return parts.map((part) => t('warn_device', { name: `${deviceName(device)} · ${partName(part)}`, text: partText(part) }));
  });
  return [...(pending ? [t('device_pending', { n: pending })] : []), ...panelTexts(approved), ...texts];
}

/** Everything that somebody should look at, most pressing first. */
export function drawWarnings({ hall, windows, stranded, alarms, notices, devices }) {
  const unserved = unservedServices(hall, windows);
  const limits = alarms.map((alarm) => t('warn_alarm', { service: serviceNameIn(hall, alarm.service_id, alarm.service_name), text: english ? alarm.text_en : alarm.text }));
  const said = notices.map((notice) => (english ? notice.text_en : notice.text));
  const texts = [...limits, ...said, ...unservedTexts(hall, unserved), ...deviceTexts(devices)];
  const nothing = h('li', { class: 'well' }, t('all_well'));
  const items = [...stranded.map((entry) => strandedItem(entry, { hall, windows })), ...texts.map((text) => h('li', { class: 'notice notice-warn' }, `▲ ${text}`))];
  fill(byId('warnings'), items.length ? items : nothing);
  say(byId('warnings-count'), String(items.length));
  show(byId('warnings-count'), items.length > 0);
}
