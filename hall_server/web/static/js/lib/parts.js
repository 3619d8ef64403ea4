// Devices' parts in words.

import { english, t } from './page.js';

const PANEL = /^panel (\d+)$/;
const NAMES = {
  screen: 'part_screen',
  printer: 'part_printer',
  voice: 'part_voice',
  reader: 'part_reader',
  reserve: 'part_reserve',
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
  if (part.name.startsWith('line ')) return t('part_line', { name: part.name.slice(5) });
  return part.name in NAMES ? t(NAMES[part.name]) : part.name;
}

export const partText = (part) => (english ? part.text_en : part.text);

export const partsOf = (device) => (device.status && device.status.parts) || [];
