// What the sign of one window shows, computed from the board's answer.

import { closesInMin, noticesFor } from '../lib/screen.js';

/** Without the server for this long, a number is no longer claimed, as on an LED panel. */
export const LOST_MS = 30000;

/**
 * `{kind, ticket, notices}` for window `number` at `now`: kind is called, serving, idle, closing,
 * paused or closed, or waiting while nothing is known. `silentMs`: how long the server is silent.
 */
export function signOf(board, number, now, silentMs) {
  const window = board && (board.windows ?? []).find((one) => one.number === number);
  if (!window) return { kind: 'waiting', ticket: null, notices: [] };
  const lost = silentMs >= LOST_MS;
  if (window.ticket && !lost) return { kind: window.ticket_state ?? 'called', ticket: window.ticket, notices: [] };
  if (window.state !== 'open') return { kind: window.state, ticket: null, notices: [] };
  const soon = !lost && closesInMin(board, now) !== null;
  return { kind: soon ? 'closing' : 'idle', ticket: null, notices: lost ? [] : noticesFor(board, 'panels', now) };
}

const callAt = (board, number) => board.now_serving.find((one) => one.window === number && one.state === 'called');

/** Which number was called to this window, and when (again); changes with every call. */
export function callTime(board, number) {
  const call = callAt(board, number);
  return call ? `${call.ticket} ${call.called_at}` : '';
}

/** When this window's number was called (again), in ms; NaN without one. */
export function callInstant(board, number) {
  const call = callAt(board, number);
  return call ? Date.parse(call.called_at) : NaN;
}
