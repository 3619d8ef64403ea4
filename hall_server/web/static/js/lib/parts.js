// Devices' parts in words.

import { english, t } from './page.js';

const PANEL = /^panel (\d+)$/;
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

/** The window whose panel this part is, or null. */
export function panelWindow(part) {
  const match = PANEL.exec(part.name);
  return match ? Number(match[1]) : null;
}

/** A part's name for people; a name that is not known is shown as it is. */
export function partName(part) {
  const panel = panelWindow(part);
  if (panel !== null) return t('part_panel', { n: panel });
  if (part.name.startsWith('line ')) return lineName(part.name.slice(5));
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
