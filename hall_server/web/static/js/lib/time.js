// The hall's time, whatever the clock and the time zone of this computer say.

import { english, page } from './page.js';

let offsetMs = 0;

/** Learns the server's clock from the `Date` header of an answer (whole seconds). */
export function learnClock(response) {
  const date = Date.parse(response.headers.get('Date') ?? '');
  if (Number.isNaN(date)) return;
  const offset = date + 500 - Date.now();
  // Small differences are the header's rounding and the way here.
  if (Math.abs(offset - offsetMs) > 1500) offsetMs = offset;
}

export const nowMs = () => Date.now() + offsetMs;

/** For how long something lasts: goes on evenly when the clock of this computer is set. */
export const steadyMs = () => performance.now();

/** Whole minutes since an ISO time, never negative. */
export const minutesSince = (iso) => Math.max(0, Math.floor((nowMs() - Date.parse(iso)) / 60000));

export const secondsSince = (iso) => Math.max(0, Math.floor((nowMs() - Date.parse(iso)) / 1000));

/** "3:07", "1:02:33". */
export function stopwatch(seconds) {
  const two = (n) => String(n).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  const rest = `${hours ? two(minutes) : minutes}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/** A function that writes a time, in the language that the page is in then. */
function formatter(options) {
  const made = {};
  return (when) => {
    const locale = english ? 'en-GB' : 'zh-CN';
    if (!made[locale]) made[locale] = new Intl.DateTimeFormat(locale, { timeZone: page.hall.timezone, ...options });
    return made[locale].format(when);
  };
}

export const clockHM = formatter({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
export const clockHMS = formatter({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
export const dayText = formatter({ year: 'numeric', month: 'long', day: 'numeric' });
export const weekdayText = formatter({ weekday: 'long' });
export const isoHM = (iso) => clockHM(Date.parse(iso));

// A day without a time is the same day wherever it is read.
const DAY_ALONE = formatter({ month: 'long', day: 'numeric', weekday: 'long', timeZone: 'UTC' });

/** A day "2026-11-25" in words, without its year. */
export const dayName = (day) => DAY_ALONE(Date.parse(day));

/** The day that is `n` days after `day`. */
export const plusDays = (day, n) => new Date(Date.parse(day) + n * 86400000).toISOString().slice(0, 10);

const WALL = new Intl.DateTimeFormat('sv-SE', { timeZone: page.hall.timezone, dateStyle: 'short', timeStyle: 'medium' });

/** The hall's day at an instant, "2026-11-25". */
export const hallDay = (when) => WALL.format(when).slice(0, 10);

const MONTH_DAY = formatter({ month: 'long', day: 'numeric' });

/** The time of `when`, with its day when that is not today. */
export function dayHM(when) {
  return hallDay(when) === hallDay(nowMs()) ? clockHM(when) : `${MONTH_DAY(when)} ${clockHM(when)}`;
}

/** The instant at which the hall's clocks show a time, "2026-11-25T15:00". */
export function fromHall(local) {
  const guess = Date.parse(`${local}Z`);
  const shown = Date.parse(`${WALL.format(guess).replace(' ', 'T')}Z`);
  return new Date(guess - (shown - guess));
}
