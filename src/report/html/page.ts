/** The frame of a report: one file without a reference to anywhere else, readable without scripts, in light and dark. */

/** The chart library's own files, put into the page whole. */
export type ChartAssets = { script: string; style: string };

export const escaped = (text: unknown): string =>
  String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** JSON that cannot end the script element it stands in. */
const inert = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/** One line chart over time. Times in UTC milliseconds. */
export type Chart = {
  id: string;
  title: string;
  /** How values are written: share → 12.3 %, money → 1 234.56, number → 1.234. */
  unit: "share" | "money" | "number";
  timeMs: readonly number[];
  lines: readonly { label: string; values: readonly (number | null)[] }[];
  /** Filled to zero. */
  area?: boolean;
};

export const chartFrame = ({ id, title }: Chart): string =>
  `<figure><figcaption>${escaped(title)}</figcaption><div id="${escaped(id)}" class="chart"></div></figure>`;

export type Cell = string | { text: string; tone?: "gain" | "loss"; shade?: number };

/** @param align columns from `numbersFrom` on are figures. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], numbersFrom = 1): string {
  const kind = (i: number) => (i >= numbersFrom ? ' class="n"' : "");
  const cell = (value: Cell, i: number): string => {
    if (typeof value === "string") return `<td${kind(i)}>${escaped(value)}</td>`;
    const { text, tone, shade } = value;
    const style =
      shade === undefined
        ? ""
        : ` style="background:var(--${shade < 0 ? "loss" : "gain"}-${Math.min(Math.abs(shade), 4)})"`;
    return `<td class="${i >= numbersFrom ? "n " : ""}${tone ?? ""}"${style}>${escaped(text)}</td>`;
  };
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  return `<div class="wide"><table><thead><tr>${head.map((h, i) => `<th${kind(i)}>${escaped(h)}</th>`).join("")}</tr></thead><tbody>${body}</tbody></table></div>`;
}

export const section = (title: string, ...parts: string[]): string =>
  `<section><h2>${escaped(title)}</h2>${parts.join("\n")}</section>`;

export const note = (text: string): string => `<p class="note">${escaped(text)}</p>`;

export function page(
  title: string,
  lead: string,
  sections: readonly string[],
  charts: readonly Chart[],
  assets: ChartAssets,
): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escaped(title)}</title><style>${assets.style}
${STYLE}</style></head><body><main>
<h1>${escaped(title)}</h1><p class="lead">${escaped(lead)}</p>
${sections.join("\n")}
</main>
<script>${assets.script}</script>
<script type="application/json" id="charts">${inert(charts)}</script>
<script>${DRAW}</script>
</body></html>
`;
}

const STYLE = `:root{color-scheme:light dark;--fg:#1a2027;--bg:#fff;--muted:#5d6875;--line:#dfe4ea;--a:#1f5fbf;--b:#8a8f98;--gain:#0b7a3b;--loss:#b3261e;
--gain-0:transparent;--gain-1:#e6f4ea;--gain-2:#c6e7d0;--gain-3:#9ad6ae;--gain-4:#6cc48a;--loss-0:transparent;--loss-1:#fbe9e7;--loss-2:#f6cbc6;--loss-3:#efa59d;--loss-4:#e67e73}
@media (prefers-color-scheme:dark){:root{--fg:#e7ebf0;--bg:#12161b;--muted:#98a4b1;--line:#2b333c;--a:#7fb0ff;--b:#8a94a0;--gain:#59c98a;--loss:#ff8a7f;
--gain-1:#12291b;--gain-2:#173d26;--gain-3:#1c5533;--gain-4:#236f42;--loss-1:#2e1614;--loss-2:#47201c;--loss-3:#622a25;--loss-4:#80352e}}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:36px 0 8px;border-bottom:1px solid var(--line);padding-bottom:4px}
.lead,.note{color:var(--muted);margin:4px 0 12px}.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0}
.tile{border:1px solid var(--line);border-radius:8px;padding:10px 12px}.tile b{display:block;font-size:1.25rem;font-variant-numeric:tabular-nums}.tile span{color:var(--muted);font-size:.85rem}
figure{margin:16px 0}figcaption{color:var(--muted);font-size:.9rem}.chart{min-height:275px}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.88rem}th,td{padding:4px 8px;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
.n{text-align:right;font-variant-numeric:tabular-nums}.gain{color:var(--gain)}.loss{color:var(--loss)}.hash{font-family:ui-monospace,monospace;word-break:break-all;white-space:normal}`;

const DRAW = `(function(){
var css=getComputedStyle(document.documentElement),v=function(n){return css.getPropertyValue(n).trim()};
var form={share:function(x){return (100*x).toFixed(2)+' %'},money:function(x){return x.toLocaleString('en',{maximumFractionDigits:2})},number:function(x){return x.toPrecision(4)}};
JSON.parse(document.getElementById('charts').textContent).forEach(function(c){
var at=document.getElementById(c.id),f=function(x){return x==null?'':form[c.unit](x)};
var colours=[v('--a'),v('--b')];
var axis={stroke:v('--muted'),grid:{stroke:v('--line'),width:1},ticks:{stroke:v('--line')}};
var u=new uPlot({width:at.clientWidth,height:240,tzDate:function(s){return uPlot.tzDate(new Date(s*1e3),'UTC')},cursor:{drag:{x:true,y:false}},
axes:[axis,Object.assign({size:80,values:function(u,t){return t.map(f)}},axis)],
series:[{label:'UTC'}].concat(c.lines.map(function(l,i){return {label:l.label,stroke:colours[i%2],width:1.4,fill:c.area&&i===0?colours[0]+'33':undefined,value:function(u,x){return f(x)},points:{show:false}}}))},
[c.timeMs.map(function(t){return t/1e3})].concat(c.lines.map(function(l){return l.values})),at);
addEventListener('resize',function(){u.setSize({width:at.clientWidth,height:240})});
});})();`;
