// The day in figures: a paper to download, or a slip from the guide desk's printer.

import { command } from '../lib/api.js';
import { byId, say } from '../lib/dom.js';
import { t } from '../lib/page.js';

const PDF = '/api/v1/summary.pdf';

async function print() {
  const day = byId('summary-day').value;
  byId('summary-print').disabled = true;
  try {
    await command('/summary/print', day ? { date: day } : {});
    say(byId('summary-status'), t('summary_sent'));
  } catch (error) {
    if (error.status === undefined) throw error;
    say(byId('summary-status'), error.message);
  } finally {
    byId('summary-print').disabled = false;
  }
}

/** Makes the card work. */
export function beginSummary() {
  byId('summary-print').addEventListener('click', print);
  byId('summary-day').addEventListener('input', () => {
    const day = byId('summary-day').value;
    byId('summary-pdf').href = day ? `${PDF}?date=${day}` : PDF;
    say(byId('summary-status'), '');
  });
}
