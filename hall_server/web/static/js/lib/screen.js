// What screens need that hang in the hall day and night.

// Burn-in: the whole picture moves on a small square, every minute by the width of a stroke.
const SHIFT_MS = 60000;
const STEPS = [[0, 0], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]];
const STEP_REM = 0.4;

/** Moves `node` a little every minute. */
export function moveALittle(node) {
  let at = 0;
  setInterval(() => {
    at = (at + 1) % STEPS.length;
    const [x, y] = STEPS[at].map((steps) => `${steps * STEP_REM}rem`);
    node.style.transform = `translate(${x}, ${y})`;
  }, SHIFT_MS);
}

/** Minutes until the hall stops giving numbers, while `board` says that this is soon; else null. */
export function closesInMin(board, now) {
  if (!board.closes_at) return null;
  const left = (Date.parse(board.closes_at) - now) / 60000;
  return left > 0 && left <= (board.closing_soon_min ?? 0) ? left : null;
}

/** The notices of `board` that are for this `place` and have not ended. */
export function noticesFor(board, place, now) {
  const running = (notice) => !notice.until || Date.parse(notice.until) > now;
  return (board.notices ?? []).filter((notice) => notice.places.includes(place) && running(notice));
}

const SPEED_REM_S = 7;
const HOLD_MS = 2500;
const STILL_MS = 9000;
const running = new WeakMap();

/**
 * Runs the text of `inner` once through its box when it is too long for it: it stands still to be
 * begun, runs, and stands still to be ended. Returns how long that takes, in ms.
 */
export function runThrough(inner) {
  if (running.has(inner)) running.get(inner).cancel();
  const over = inner.scrollWidth - inner.parentElement.clientWidth;
  if (over <= 0) return STILL_MS;
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const duration = (over / (SPEED_REM_S * rem)) * 1000;
  const run = inner.animate([{ transform: 'none' }, { transform: `translateX(${-over}px)` }], { duration, delay: HOLD_MS, fill: 'forwards' });
  running.set(inner, run);
  return duration + 2 * HOLD_MS;
}
