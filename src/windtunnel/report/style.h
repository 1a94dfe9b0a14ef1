#pragma once
// The style sheet of the reports: colours as variables, light and dark by the reader's preference; series colours are told apart by
// people with the common colour vision deficiencies. Data only.
#include <string_view>

namespace surgetank::windtunnel {

inline constexpr std::string_view report_style = R"css(
:root { --ground: #fbfbf9; --card: #ffffff; --text: #1c2330; --quiet: #667085; --line: #e3e5e8; --grid: #eceef0;
  --good: #17804b; --warning: #a15c00; --bad: #c0322b; --accent: #2364aa;
  --s0: #2364aa; --s1: #d1662a; --s2: #2a9d6f; --s3: #a8498f; --s4: #c99b14; --s5: #4fa3d9; --s6: #6b5bb5; --s7: #7a6a58; }
@media (prefers-color-scheme: dark) { :root { --ground: #12151b; --card: #1a1f28; --text: #e6e9ee; --quiet: #97a1b0; --line: #2c3340;
  --grid: #262c37; --good: #4cc38a; --warning: #e0a43a; --bad: #f2726b; --accent: #6cb0f5;
  --s0: #6cb0f5; --s1: #f0935c; --s2: #57cc99; --s3: #d983c2; --s4: #e6c34f; --s5: #8ed0f2; --s6: #a99bea; --s7: #b8a896; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 36px 24px 60px; }
header { margin-bottom: 22px; }
h1 { font-size: 27px; line-height: 1.2; letter-spacing: -.01em; margin: 0 0 6px; }
h2 { font-size: 18px; margin: 40px 0 4px; }
h3 { font-size: 14px; margin: 0 0 2px; }
.lead { color: var(--quiet); margin: 0 0 14px; max-width: 78ch; overflow-wrap: anywhere; }
p.quiet { color: var(--quiet); } p.good { color: var(--good); } p.warning { color: var(--warning); } p.bad { color: var(--bad); }
a { color: var(--accent); }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; overflow-x: auto; font-size: 13px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 6px 0 14px; }
.figure { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px; border-top: 3px solid var(--line); }
.figure.good { border-top-color: var(--good); } .figure.warning { border-top-color: var(--warning); } .figure.bad { border-top-color: var(--bad); }
.figure-name { color: var(--quiet); font-size: 13px; }
.figure-value { font-size: 24px; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; line-height: 1.35; }
.figure.bad .figure-value { color: var(--bad); }
.figure-detail { color: var(--quiet); font-size: 12.5px; }
.side-by-side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 16px; align-items: start; }
.plot { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px 8px; margin: 0; }
.plot figcaption { color: var(--quiet); font-size: 12.5px; }
.plot svg { display: block; width: 100%; height: auto; margin-top: 6px; }
.plot text { fill: var(--quiet); font-size: 11px; font-variant-numeric: tabular-nums; }
.plot .grid { stroke: var(--grid); stroke-width: 1; } .plot .axis { stroke: var(--quiet); stroke-width: 1; opacity: .55; }
.plot .mark { stroke: var(--quiet); stroke-width: 1; stroke-dasharray: 2 3; opacity: .7; }
.plot .limit { stroke: var(--bad); stroke-width: 1.2; stroke-dasharray: 6 4; } .plot .limit-text { fill: var(--bad); }
.plot .series { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.plot .area { stroke: none; opacity: .13; } .plot .probe { fill: transparent; } .plot .probe:hover { fill: var(--quiet); opacity: .14; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 12.5px; margin-top: 4px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; overflow-wrap: anywhere; }
.legend i { width: 14px; height: 3px; border-radius: 2px; flex: none; }
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: 6px 12px; align-items: center;
  font-size: 13.5px; margin-top: 8px; }
.bars .track { background: var(--grid); border-radius: 4px; height: 14px; } .bars .bar { height: 14px; border-radius: 4px; min-width: 1px; }
.bars .amount { text-align: right; font-variant-numeric: tabular-nums; }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 6px 0 14px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 7px 14px; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
th { color: var(--quiet); font-weight: 500; font-size: 12.5px; white-space: nowrap; }
.right { text-align: right; white-space: nowrap; }
td.good { color: var(--good); } td.warning { color: var(--warning); } td.bad { color: var(--bad); font-weight: 600; }
td.quiet { color: var(--quiet); }
td.good::before { content: "\2713\00a0"; } td.bad::before { content: "\2717\00a0"; }
details { margin: 8px 0; } summary { cursor: pointer; color: var(--quiet); }
footer { margin-top: 44px; color: var(--quiet); font-size: 12.5px; }
@media print { body { background: #fff; } .plot, .figure, .table { break-inside: avoid; } }
)css";

}  // namespace surgetank::windtunnel
