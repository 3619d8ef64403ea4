// The day in figures: a paper to download, or a slip from the guide desk's printer.

import { command, getFile } from '../lib/api.js';
import { byId, download, say } from '../lib/dom.js';
import { t } from '../lib/page.js';

/** Does what a button is for; in the meantime it cannot be pressed, and a refusal is said. */
async function working(button, work) {
  const status = byId('summary-status');
  button.disabled = true;
  try {
    await work(byId('summary-day').value, status);
  } catch (error) {
    if (error.status === undefined) throw error;
    say(status, error.message);
  } finally {
    button.disabled = false;
  }
}

async function print(day, status) {
  await command('/summary/print', day ? { date: day } : {});
  say(status, t('summary_sent'));
}

async function save(day, status) {
  say(status, t('summary_pdf_making'));
  const file = await getFile(day ? `/summary.pdf?date=${day}` : '/summary.pdf');
  download(file.name, file.blob);
  say(status, '');
}

/** Makes the card work. */
export function beginSummary() {
  byId('summary-print').addEventListener('click', (event) => working(event.target, print));
  byId('summary-pdf').addEventListener('click', (event) => working(event.target, save));
  byId('summary-day').addEventListener('input', () => say(byId('summary-status'), ''));
}
