// Devices' parts in words.

import { english, t } from './page.js';

// A window with two panels has each named with where it is.
const PANEL = /^panel (\d+)(?: \((.+)\))?$/;
// What installations call things by default; other names are the hall's own.
const KIOSK = /^kiosk-(\d+)$/;
const TCP = /^tcp-(\d+)$/;
// A part that is well need not be told twice.
const WELL = /正常$/;
const NAMES = {
  screen: 'part_screen',
  printer: 'part_printer',
  voice: 'part_voice',
  reader: 'part_reader',
  reserve: 'part_reserve',
  desk: 'part_desk',
};

export const isPanel = (part) => PANEL.test(part.name);

/** The window that the part belongs to, or null. */
export function windowOf(part) {
  if (part.window !== null && part.window !== undefined) return part.window;
  const match = PANEL.exec(part.name);
  return match ? Number(match[1]) : null;
}

/** Numbers in words: "1–4、7". */
export function rangesOf(numbers) {
  const runs = [];
  for (const n of Array.from(new Set(numbers)).sort((a, b) => a - b)) {
    const last = runs[runs.length - 1];
    if (last && last[1] === n - 1) last[1] = n;
    else runs.push([n, n]);
  }
  const texts = runs.flatMap(([from, to]) => (to - from > 1 ? [`${from}–${to}`] : from === to ? [from] : [from, to]));
  return texts.join(t('list_comma'));
}

/** A part's name for people; a name that is not known is shown as it is. */
export function partName(part) {
  const panel = PANEL.exec(part.name);
  if (panel) return panel[2] ? t('part_panel_at', { n: panel[1], at: panel[2] }) : t('part_panel', { n: panel[1] });
  if (part.name.startsWith('line ')) return lineName(part.name.slice(5));
  if (part.name.startsWith('voice ')) return `${t('part_voice')} ${part.name.slice(6)}`;
  const kiosk = KIOSK.exec(part.name);
  if (kiosk) return t('part_kiosk', { n: kiosk[1] });
  return part.name in NAMES ? t(NAMES[part.name]) : part.name;
}

function lineName(name) {
  const tcp = TCP.exec(name);
  if (tcp) return t('part_line_tcp', { n: tcp[1] });
  return name === 'rs485' ? t('part_line_rs485') : t('part_line', { name });
}

/** The device's name for people. */
export function deviceName(device) {
  const kiosk = KIOSK.exec(device.name);
  return kiosk ? t('name_kiosk', { n: kiosk[1] }) : device.name;
}

/** How the part is, without what its name says already. */
export function partText(part) {
  if (part.ok && WELL.test(part.text)) return '';
  if (english) return part.text_en.replace(/^panel of window \d+: /, '');
  return part.text.replace(/^\d+\s*号窗口屏：/, '').replace(/(\d)号窗口/g, '$1 号窗口');
}

export const partsOf = (device) => (device.status && device.status.parts) || [];
