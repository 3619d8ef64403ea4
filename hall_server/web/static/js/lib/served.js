// Whether a number that was just taken can be called at all now.

import { get } from './api.js';

/**
 * True when no open window takes what `ticket` waits for; an answer that does not come is no reason
 * to alarm anybody.
 */
export async function nobodyTakes(ticket) {
  try {
    const { stranded } = await get('/windows');
    const mine = (entry) => entry.numbers.includes(ticket.number) || (entry.count > entry.numbers.length && entry.class_name === null);
    return stranded.some((entry) => entry.service_id === ticket.service_id && mine(entry));
  } catch (error) {
    if (error.status === undefined) throw error;
    return false;
  }
}
