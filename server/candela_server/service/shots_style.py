"""The style sheet of the page of shots: a neutral grey surround, as for judging pictures;
white on paper."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root{--ground:#262626;--card:#303030;--line:#4a4a4a;--text:#e6e6e6;--dim:#a8a8a8;--mark:#e8b339;
color-scheme:dark}
*{box-sizing:border-box}
body{margin:0 auto;padding:28px 32px 48px;max-width:1480px;background:var(--ground);color:var(--text);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums}
h1{margin:0;font-size:24px;font-weight:600;overflow-wrap:anywhere}
header p{margin:2px 0 14px;color:var(--dim)}
dl{display:flex;flex-wrap:wrap;gap:6px 28px;margin:0}
dt{color:var(--dim);font-size:11px;letter-spacing:.04em}
dd{margin:0}
.strip{display:flex;gap:2px;height:26px;margin:22px 0 24px}
.strip a,.strip i{flex:1 1 0;min-width:3px;overflow:hidden;border-radius:3px;background:#565656;
color:var(--text);
font-size:11px;line-height:26px;text-align:center;text-decoration:none}
.strip a:nth-of-type(even){background:#6a6a6a}
.strip a:hover,.strip a:focus{background:var(--mark);color:#000}
.strip .gap{background:repeating-linear-gradient(135deg,#262626 0 4px,#444 4px 6px)}
section{display:flex;gap:24px;padding:18px 20px;margin:0 0 12px;border-radius:8px;background:var(--card);
scroll-margin-top:12px}
section:target{outline:2px solid var(--mark)}
.facts{flex:0 0 230px}
.facts dl{flex-direction:column;gap:7px}
.facts dd{overflow-wrap:anywhere}
h2{margin:0 0 10px;font-size:20px;font-weight:600}
h2 small{font-size:13px;font-weight:400;color:var(--dim);overflow-wrap:anywhere}
.worst dd{color:var(--mark)}
.pictures{flex:1 1 auto;min-width:0;display:grid;gap:14px}
.row{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:4px 10px}
.row h3{grid-column:1/-1;margin:0;font-size:11px;font-weight:400;letter-spacing:.04em;color:var(--dim)}
figure{margin:0}
.trouble{margin:0;color:var(--mark);overflow-wrap:anywhere}
img{display:block;width:100%;height:auto;background:#000}
figcaption{padding-top:3px;font-size:11px;color:var(--dim)}
.legend{display:flex;gap:14px;align-items:center;margin:18px 0 0}
.legend p{margin:0;max-width:70ch;color:var(--dim);font-size:13px}
.bar{flex:0 0 160px;height:12px;border-radius:2px;
background:linear-gradient(90deg,#808080 0 28%,#ffd640 28%,#ff8020 52%,#e83060 76%,#c820dc)}
footer{margin-top:22px;color:var(--dim);font-size:13px}
footer ul{margin:0;padding-left:18px}
@media screen and (max-width:800px){body{padding:18px 14px}section{flex-direction:column;gap:12px}
.facts{flex:none}
.facts dl{flex-direction:row}}
@media print{@page{margin:12mm}
:root{--ground:#fff;--card:#fff;--line:#bbb;--text:#000;--dim:#444;--mark:#a05a00;color-scheme:light}
body{padding:0;max-width:none;font-size:10pt}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
section{break-inside:avoid;border:1px solid var(--line);padding:10px 12px;gap:14px}
section:target{outline:none}
.strip a{background:#ddd}.strip a:nth-of-type(even){background:#c6c6c6}.facts{flex-basis:135px}
.facts dl{gap:3px}.strip .gap{background:repeating-linear-gradient(135deg,#fff 0 4px,#bbb 4px 6px)}
h2{margin-bottom:4px}
.pictures{gap:6px}}
"""
