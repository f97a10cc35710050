/** Without the script, and on paper, both pictures stand beside each other. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fbfaf8; --card: #fff; --ink: #1c1b19; --quiet: #63605a; --edge: #dedad2; --mark: #0b63c5;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #161513; --card: #1f1e1b; --ink: #ece9e3; --quiet: #a9a49a; --edge: #38352f; --mark: #7fb4ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1560px; padding: clamp(.75rem, 3vw, 2rem); background: var(--paper); color: var(--ink); }
header p, .hint { color: var(--quiet); margin: .25rem 0 1.5rem; max-width: 70ch; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; text-wrap: balance; }
h2 { font-size: 1rem; margin: 0; padding: .75rem 1rem; overflow-wrap: anywhere; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 34rem), 1fr)); gap: 1.25rem; align-items: start; }
article { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; overflow: hidden; min-width: 0; }
figure { margin: 0; position: relative; }
img { display: block; width: 100%; height: auto; }
figcaption { position: absolute; bottom: .5rem; left: .5rem; padding: .1rem .5rem; border-radius: 4px; font-size: .8rem;
  background: rgb(0 0 0 / .62); color: #fff; pointer-events: none; }
.compare { display: grid; grid-template-columns: 1fr 1fr; gap: 2px; }
.compare .bar, .compare input { display: none; }
.js .compare { grid-template-columns: 1fr; align-items: start; position: relative; --at: 50%; }
.js .compare figure { grid-area: 1 / 1; }
.js .compare figure + figure { clip-path: inset(0 0 0 var(--at)); }
.js .compare figure + figure figcaption { left: auto; right: .5rem; top: .5rem; bottom: auto; }
.js .compare figure:first-of-type figcaption { top: .5rem; bottom: auto; }
.js .compare .bar { display: block; position: absolute; inset: 0 auto 0 var(--at); width: 2px; margin-left: -1px; background: #fff;
  box-shadow: 0 0 0 1px rgb(0 0 0 / .45); pointer-events: none; }
.js .compare .bar::after { content: "\\2194"; position: absolute; top: 50%; left: 50%; translate: -50% -50%; width: 2.25rem; height: 2.25rem;
  border-radius: 50%; display: grid; place-items: center; background: #fff; color: #1c1b19; box-shadow: 0 0 0 1px rgb(0 0 0 / .45); }
.js .compare input { display: block; position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0;
  cursor: ew-resize; touch-action: pan-y; }
.js .compare:has(input:focus-visible) { outline: 3px solid var(--mark); outline-offset: -3px; }
.js .compare:has(input:focus-visible) .bar::after { box-shadow: 0 0 0 3px var(--mark); }
dl { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: .75rem 1rem; font-size: .875rem; }
dl div { min-width: 0; } dt { color: var(--quiet); display: inline; } dt::after { content: " "; }
dd { display: inline; margin: 0; overflow-wrap: anywhere; }
form { padding: 0 1rem 1rem; font-size: .875rem; } form table { border-collapse: collapse; width: 100%; }
form th { text-align: left; font-weight: inherit; padding: .2rem 1rem .2rem 0; } form td { white-space: nowrap; text-align: right; }
form input:not([type=radio]) { font: inherit; width: 100%; } button { font: inherit; padding: .5rem 1rem; }
.refused { margin-top: 2rem; } .refused h2 { padding: 0 0 .75rem; font-size: 1.15rem; }
.refused ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
.refused li { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: .75rem 1rem; }
.refused h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; } .refused p { margin: .25rem 0 0; max-width: 80ch; }
code { font-size: .85em; color: var(--quiet); }
@media print {
  .js .compare { grid-template-columns: 1fr 1fr; } .js .compare figure { grid-area: auto; } .js .compare figure + figure { clip-path: none; }
  .js .compare .bar, .js .compare input { display: none; } article { break-inside: avoid; }
}
`;

export const SCRIPT = `
document.documentElement.classList.add('js');
for (const range of document.querySelectorAll('.compare input')) {
  const show = () => range.parentElement.style.setProperty('--at', range.value + '%');
  range.addEventListener('input', show);
  show();
}
`;
