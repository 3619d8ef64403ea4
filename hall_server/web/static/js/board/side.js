// What stands at the side: who waits, page by page, then something of the public pages, and so on.
// While numbers are being called only the lines of those who wait are shown.

const WAITING_MS = 8000;
// The parts of a long page follow each other, but those who wait want to see their line again.
const MOST_IN_A_ROW = 2;

export class Side {
  constructor() {
    this.waiting = 0;
    this.nextPart = 0;
    this.inARow = 0;
    this.part = null;
    this.until = null;
  }

  /** The page of the waiting lines, or -1 while a public part is shown. */
  get waitingPage() {
    return this.part === null ? this.waiting : -1;
  }

  /** Moves on when it is time; `calm` while nothing is being called. True when anything changed. */
  turn(now, waitingPages, parts, calm) {
    if (this.part !== null && !calm) {
      this.showWaiting(now, 0);
      return true;
    }
    if (this.until === null) this.showWaiting(now, 0);
    if (now < this.until) return false;
    if (this.part === null && this.waiting + 1 < waitingPages) this.showWaiting(now, this.waiting + 1);
    else if (calm && parts.length > 0 && this.mayShow(parts)) this.showPart(now, parts);
    else this.showWaiting(now, 0);
    return true;
  }

  mayShow(parts) {
    if (this.part === null) return true;
    const next = parts[this.nextPart % parts.length];
    return next.page === this.part.page && next.part > 1 && this.inARow < MOST_IN_A_ROW;
  }

  showPart(now, parts) {
    const index = this.nextPart % parts.length;
    this.part = parts[index];
    this.nextPart = index + 1;
    this.inARow += 1;
    this.until = now + this.part.ms;
  }

  showWaiting(now, page) {
    this.part = null;
    this.inARow = 0;
    this.waiting = page;
    this.until = now + WAITING_MS;
  }

  /** The parts were made anew, as in another language. */
  startParts() {
    this.nextPart = 0;
    if (this.part === null) return;
    this.part = null;
    this.until = null;
  }
}
