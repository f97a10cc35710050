import type { Billing } from '../../../contract/index.ts';
import { type Html, html } from '../../html.ts';
import { count, images, span } from './words.ts';

/** What the period has used, in numbers and as a bar. */
export function usage(billing: Billing): Html {
  const { plan, used, reserved, overage, period } = billing;
  const total = used + reserved;
  return html`<p class="label">Images, ${span(period.start, period.end)}</p>
<p class="figure">${count(total)} <small>${plan.limit === null ? 'made' : `of ${count(plan.limit)} used`}</small></p>
${plan.limit !== null && bar(billing, plan.limit)}
<ul class="legend">
<li><i></i>Ready <b>${count(used)}</b></li>
${reserved > 0 && html`<li class="wait"><i></i>In work <b>${count(reserved)}</b></li>`}
${overage > 0 && html`<li class="over"><i></i>Above the limit <b>${count(overage)}</b></li>`}
${plan.limit !== null && html`<li class="left"><i></i>Left <b>${count(Math.max(0, plan.limit - total))}</b></li>`}
</ul>`;
}

/** Attributes alone: a policy without inline styles leaves them in force. */
function bar({ used, reserved, overage }: Billing, limit: number): Html {
  const whole = Math.max(limit, used + reserved, 1);
  const share = (n: number) => `${((100 * n) / whole).toFixed(2)}%`;
  // What is above the limit is among both; it is drawn at the end.
  const within = used + reserved - overage;
  const ready = Math.min(used, within);
  const words = `${images(used + reserved)} used of ${count(limit)}${overage > 0 ? `, ${count(overage)} above the limit` : ''}`;
  return html`<svg class="bar" role="img" aria-label="${words}">
<rect width="${share(ready)}" height="100%"/>
<rect class="wait" x="${share(ready)}" width="${share(within - ready)}" height="100%"/>
<rect class="over" x="${share(within)}" width="${share(overage)}" height="100%"/>
</svg>`;
}
