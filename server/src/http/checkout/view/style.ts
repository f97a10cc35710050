import { hash } from 'node:crypto';

/** Loaded from an address with its hash, so that no page needs an inline style and every browser keeps it. */
export const STYLE = `
:root { color-scheme: light dark;
  --bg: light-dark(#f6f4ef, #121417); --card: light-dark(#ffffff, #1b1e23); --line: light-dark(#dfdbd2, #343942);
  --edge: light-dark(#8a8578, #7d8694); --text: light-dark(#1c1e22, #eceef1); --soft: light-dark(#595d66, #a9b0bb);
  --accent: light-dark(#0b6b57, #52c7a8); --on-accent: light-dark(#ffffff, #06231c);
  --tint: light-dark(#e6f2ee, #182e28); --warn: light-dark(#8a4b00, #ffc27a); --warn-tint: light-dark(#fdf1df, #36281a);
  --bad: light-dark(#a8261c, #ff9d92); --bad-tint: light-dark(#fbeae8, #3a2220); --track: light-dark(#e9e6de, #2b3038); }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--text); min-height: 100vh; min-height: 100svh; display: flex; flex-direction: column;
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
/* What people have named cannot turn what stands around it. */
strong, b, code, .who span { unicode-bidi: isolate; }
a { color: var(--accent); text-underline-offset: 3px; }
.skip { position: absolute; left: -999px; top: 8px; padding: 8px 14px; background: var(--card); border-radius: 8px; z-index: 1; }
.skip:focus { left: 8px; }
.top { border-bottom: 1px solid var(--line); background: var(--card); }
.top > div { max-width: 1040px; margin: 0 auto; padding: 12px 24px; display: flex; flex-wrap: wrap; align-items: center; gap: 6px 20px; }
.brand { display: flex; align-items: center; gap: 10px; margin: 0; color: var(--text); text-decoration: none; font-weight: 650; letter-spacing: -.01em; }
.brand svg { width: 26px; height: 26px; flex: none; color: var(--accent); }
.who { margin-left: auto; display: flex; flex-wrap: wrap; align-items: center; gap: 2px 14px; font-size: 14px; color: var(--soft); min-width: 0; }
.who span { overflow-wrap: anywhere; } .who b { color: var(--text); font-weight: 600; }
main { width: 100%; max-width: 1040px; margin: 0 auto; padding: 40px 24px 64px; flex: 1; }
main.narrow { max-width: 608px; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -.02em; margin: 0 0 6px; text-wrap: balance; }
h2 { font-size: 19px; line-height: 1.3; letter-spacing: -.01em; margin: 44px 0 6px; }
h3 { font-size: 17px; line-height: 1.3; margin: 0; }
p { margin: 0 0 14px; } .lead { color: var(--soft); margin: 0 0 26px; } .lead strong { color: var(--text); }
.soft { color: var(--soft); } .small { font-size: 14px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 26px;
  box-shadow: 0 1px 2px rgb(0 0 0 / .04), 0 10px 28px rgb(0 0 0 / .05); }
.card > :last-child { margin-bottom: 0; }
.card h1 + p:not(.lead) { margin-top: 14px; }
.card + p { margin: 18px 4px 0; } .spaced { margin-top: 16px; }
.now { display: grid; grid-template-columns: minmax(0, 4fr) minmax(0, 7fr); gap: 28px 40px; }
.now > div > :last-child { margin-bottom: 0; }
.label { font-size: 14px; font-weight: 600; color: var(--soft); margin: 0 0 4px; }
.figure { font-size: 26px; line-height: 1.25; font-weight: 650; letter-spacing: -.02em; margin: 0 0 8px; font-variant-numeric: tabular-nums; }
.figure small { font-size: 16px; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.bar { display: block; width: 100%; height: 14px; margin: 10px 0 12px; border-radius: 7px; overflow: hidden; background: var(--track); }
.bar rect { fill: var(--accent); } .bar .wait { opacity: .45; } .bar .over { fill: var(--warn); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; list-style: none; margin: 0; padding: 0; font-size: 14px; color: var(--soft); }
.legend li { display: flex; align-items: center; gap: 8px; } .legend b { color: var(--text); font-weight: 600; font-variant-numeric: tabular-nums; }
.legend i { width: 10px; height: 10px; border-radius: 3px; background: var(--accent); flex: none; }
.legend .wait i { opacity: .45; } .legend .over i { background: var(--warn); } .legend .left i { background: var(--track); border: 1px solid var(--edge); }
.tiers { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 16px; margin: 18px 0 0; padding: 0; list-style: none; }
.tier { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 22px; display: flex; flex-direction: column; }
.tier.current { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.tier .act:not(:empty) { padding-top: 22px; }
.tier header { display: flex; align-items: center; justify-content: space-between; gap: 10px; min-height: 26px; }
.tier ul { list-style: none; margin: 14px 0 0; padding: 0; display: grid; gap: 7px; color: var(--soft); font-size: 15px; }
.tier li { padding-left: 24px; position: relative; }
.tier li::before { content: ""; position: absolute; left: 3px; top: 6px; width: 11px; height: 6px; transform: rotate(-45deg);
  border: solid var(--accent); border-width: 0 0 2px 2px; }
.tier li.no { color: var(--soft); } .tier li.no::before { transform: none; top: 11px; height: 0; border-width: 0 0 2px; border-color: var(--edge); }
.tier .price { font-size: 30px; font-weight: 650; letter-spacing: -.02em; line-height: 1.2; margin: 12px 0 0; }
.tier .price small { font-size: 15px; font-weight: 400; letter-spacing: 0; color: var(--soft); }
.tier .act { margin: auto 0 0; }
.badge { font-size: 13px; font-weight: 600; padding: 2px 10px; border-radius: 99px; background: var(--tint); color: var(--accent); white-space: nowrap; }
.badge.warn { background: var(--warn-tint); color: var(--warn); } .badge.bad { background: var(--bad-tint); color: var(--bad); }
.note { border-radius: 12px; padding: 13px 16px; margin: 0 0 18px; background: var(--tint); }
.note.warn { background: var(--warn-tint); color: var(--warn); } .note.bad { background: var(--bad-tint); color: var(--bad); }
.note strong { color: inherit; }
.buttons { display: flex; flex-wrap: wrap; gap: 10px; margin: 22px 0 0; align-items: center; } form { margin: 0; }
.button { display: inline-block; padding: 11px 20px; min-height: 46px; font: inherit; font-weight: 600; line-height: 22px; text-align: center; text-decoration: none;
  border-radius: 11px; cursor: pointer; border: 1px solid var(--edge); background: var(--card); color: var(--text); }
.button:hover { border-color: var(--text); }
.button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
.button.primary:hover { filter: brightness(1.1); } .button.wide { display: block; width: 100%; }
.button.danger { color: var(--bad); border-color: var(--bad); background: transparent; }
.link { font: inherit; padding: 4px 0; border: 0; background: none; color: var(--accent); text-decoration: underline; text-underline-offset: 3px; cursor: pointer; }
:is(a, button, input, summary):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.button:focus-visible { border-radius: 11px; }
.choices { border: 0; margin: 0; padding: 0; display: grid; gap: 10px; } .choices legend { font-weight: 600; padding: 0; margin-bottom: 8px; }
.choice { display: flex; gap: 12px; padding: 13px 16px; border: 1px solid var(--line); border-radius: 12px; cursor: pointer; }
.choice:hover { border-color: var(--edge); } .choice:has(:checked) { border-color: var(--accent); background: var(--tint); }
.choice input { accent-color: var(--accent); width: 20px; height: 20px; margin: 2px 0 0; flex: none; }
.choice b { display: block; font-weight: 600; } .choice small { font-size: 14px; color: var(--soft); }
.field { margin: 16px 0 0; } .field label { display: block; font-weight: 600; margin-bottom: 4px; }
.field input { font: inherit; padding: 10px 12px; width: 100%; max-width: 220px; color: inherit; background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
.field input[aria-invalid] { border-color: var(--bad); border-width: 2px; }
.field .hint { font-size: 14px; color: var(--soft); margin: 4px 0 0; } .field .error { color: var(--bad); font-weight: 600; font-size: 15px; margin: 9px 0 0; }
.sum { width: 100%; border-collapse: collapse; margin: 0 0 18px; } .sum th { text-align: left; font-weight: 400; color: var(--soft); padding-right: 16px; }
.sum :is(th, td) { padding: 11px 0; border-bottom: 1px solid var(--line); vertical-align: top; } .sum th { white-space: nowrap; } .sum td { text-align: right; font-weight: 600; overflow-wrap: anywhere; }
.sum tr:last-child :is(th, td) { border-bottom: 0; } .sum tr:last-child td { font-size: 20px; line-height: 25px; letter-spacing: -.01em; }
.sign { width: 54px; height: 54px; border-radius: 50%; display: grid; place-items: center; margin: 0 0 18px; background: var(--tint); color: var(--accent); }
.sign.bad { background: var(--bad-tint); color: var(--bad); } .sign.warn { background: var(--warn-tint); color: var(--warn); } .sign svg { width: 27px; height: 27px; }
.spin { animation: turn 1.1s linear infinite; } @keyframes turn { to { transform: rotate(360deg); } }
.bone { display: block; height: 15px; border-radius: 7px; margin: 0 0 12px; background: var(--track); animation: breathe 1.6s ease-in-out infinite; }
.bone.big { height: 30px; width: 45%; } .bone.short { width: 62%; } @keyframes breathe { 50% { opacity: .45; } }
code { font: 14px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--track); padding: 2px 6px; border-radius: 6px; overflow-wrap: anywhere; }
@media (max-width: 860px) { .tiers { grid-template-columns: minmax(0, 1fr); max-width: 560px; } }
@media (max-width: 640px) { .now { grid-template-columns: minmax(0, 1fr); } main { padding: 26px 16px 48px; } .top > div { padding: 12px 16px; }
  .card, .tier { padding: 20px; } h1 { font-size: 26px; } .who { margin-left: 0; width: 100%; justify-content: space-between; }
  .buttons .button { flex: 1 1 100%; } .buttons form { flex: 1 1 100%; } .buttons form .button { width: 100%; } }
@media (prefers-reduced-motion: reduce) { .spin, .bone { animation: none; } }
@media (forced-colors: active) { .bar { border: 1px solid CanvasText; } .bar rect { fill: Highlight; } .tier.current { border-width: 3px; } }
`;

export const STYLE_PATH = `/billing/style-${hash('sha256', STYLE, 'hex').slice(0, 16)}.css`;
