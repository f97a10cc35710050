import type { Billing } from '../../../contract/index.ts';
import { Html, html } from '../../html.ts';
import { csrfField, type Viewer } from './layout.ts';
import { money } from './words.ts';

/** What the form shows: what holds, or what was sent and cannot be taken. */
export interface PayAsYouGoForm {
  readonly enabled: boolean;
  readonly cap: string;
  /** What is wrong with the cap. */
  readonly error: string | undefined;
}

export function payAsYouGo({
  billing,
  viewer,
  form,
}: {
  readonly billing: Billing;
  readonly viewer: Viewer;
  readonly form: PayAsYouGoForm;
}): Html | false {
  const { plan, payAsYouGo: now } = billing;
  // One that was switched on under another plan can be switched off.
  if (!now.offered && !now.enabled) return false;
  const each =
    plan.overageCents === null || !now.offered
      ? ''
      : `Each costs ${money(plan.overageCents)}, on the next invoice.`;
  return html`<h2>Images above the limit</h2>
<form class="card spaced" method="post" action="/billing/pay-as-you-go" novalidate>${csrfField(viewer.csrf)}
<fieldset class="choices"><legend>When the images of the plan are used up</legend>
${option('off', 'Stop', 'New images are refused until the next period.', !form.enabled)}
${option('on', 'Go on, and pay for each', `${each} Up to the number below.`.trim(), form.enabled)}
</fieldset>
<div class="field"><label for="cap">At most, in a period</label>
<input id="cap" name="cap" type="text" inputmode="numeric" autocomplete="off" maxlength="9" value="${form.cap}"
 aria-describedby="${form.error === undefined ? 'cap-hint' : 'cap-error cap-hint'}"${form.error !== undefined && new Html(' aria-invalid="true" autofocus')}>
${form.error !== undefined && html`<p class="error" id="cap-error" role="alert">${form.error}</p>`}
<p class="hint" id="cap-hint">Images above the limit. Left empty, there is no end to it.</p></div>
<div class="buttons"><button class="button primary" type="submit">Save</button></div>
</form>`;
}

function option(value: string, title: string, text: string, checked: boolean): Html {
  return html`<label class="choice"><input type="radio" name="enabled" value="${value}"${checked && new Html(' checked')}><span><b>${title}</b><small>${text}</small></span></label>
`;
}
