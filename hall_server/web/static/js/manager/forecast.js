// How good the waiting times are: one line under the lines of people.

import { get } from '../lib/api.js';
import { byId, say, show } from '../lib/dom.js';
import { t } from '../lib/page.js';

// Each call scores one forecast: the figures move slowly.
const ASK_EVERY_MS = 300000;

let score = null;
let asked = -Infinity;

function words(source) {
  if (source === 'nominal') return t('forecast_rough');
  if (score === null || score.n === 0) return '';
  const share = Math.round(score.p90_coverage * 100);
  return t('forecast_score', { days: score.days, n: score.n, mae: score.mae_min.toFixed(1), share });
}

function draw(source) {
  const text = words(source);
  say(byId('forecast'), text);
  show(byId('forecast'), text !== '');
}

/** Says that the times are rough, or else how good they were. */
export function drawForecast(source) {
  draw(source);
  if (Date.now() - asked < ASK_EVERY_MS) return;
  asked = Date.now();
  get('/forecast/accuracy').then(
    (answer) => {
      score = answer;
      draw(source);
    },
    () => {
      asked = -Infinity;
    },
  );
}
