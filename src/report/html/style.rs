//! The style of a page: quiet, readable, the same figures under each other; on paper light, with whole charts.

/// The style sheet; the arguments are the colours of each theme as variables.
pub fn sheet(light: &str, dark: &str) -> String {
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{RULES}"
    )
}

const RULES: &str = r#"*{box-sizing:border-box}
html{background:var(--ground);color:var(--ink);font:15px/1.55 'IBM Plex Sans','Inter','Helvetica Neue',Arial,'Liberation Sans',sans-serif;-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:2.5rem 1.5rem 4rem;max-width:58rem}
h1{font-size:1.75rem;line-height:1.2;margin:.4rem 0 .6rem}
h2{font-size:1.25rem;line-height:1.3;margin:2.8rem 0 .8rem;padding-top:.9rem;border-top:1px solid var(--axis)}
h3{font-size:1.02rem;line-height:1.3;margin:1.9rem 0 .5rem}
p,ul,ol,caption,figcaption{max-width:44rem}
p,ul{margin:.6rem 0}
li{margin:.2rem 0}
ul,ol{padding-left:1.3rem}
a{color:var(--accent)}
header p{color:var(--muted)}
header .lead,.lead{color:var(--ink);font-weight:600}
.badge{display:inline-block;margin:0;padding:.25rem .8rem;border-radius:1rem;font-weight:600;letter-spacing:.03em;color:var(--ink)}
.badge.good{background:var(--ok-soft);color:var(--ok)}
.badge.doubtful{background:var(--warn-soft);color:var(--warn)}
.badge.bad{background:var(--fail-soft);color:var(--fail)}
nav{margin:2rem 0;padding:1rem 1.4rem;background:var(--band);border-radius:.5rem}
nav h2{margin:0 0 .4rem;padding:0;border:0;font-size:1rem}
nav ol{margin:0;columns:18rem 2;column-gap:2rem}
.scroll{overflow-x:auto;margin:.8rem 0 1.4rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem;min-width:24rem}
caption{caption-side:top;text-align:left;color:var(--muted);font-size:.85rem;padding:0 0 .4rem}
th,td{padding:.35rem .75rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid);overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
thead th{border-bottom:1px solid var(--axis);color:var(--muted);font-weight:600;vertical-align:bottom;overflow-wrap:normal}
tbody th{font-weight:400;min-width:8rem}
.n{text-align:right;white-space:nowrap}
thead .n{white-space:normal}
.good{color:var(--ok)}
.doubtful{color:var(--warn)}
.bad{color:var(--fail);font-weight:600}
figure{margin:1.2rem 0 1.6rem}
figure svg{display:block;width:100%;height:auto;max-width:54rem}
figcaption{color:var(--muted);font-size:.85rem;margin-top:.3rem}
pre{background:var(--raised);border-radius:.4rem;padding:.9rem 1rem;overflow-x:auto;font:.82rem/1.5 'IBM Plex Mono',ui-monospace,Menlo,Consolas,'Liberation Mono',monospace}
:target{scroll-margin-top:1rem}
@media print{
@page{size:A4;margin:16mm 15mm 17mm;@bottom-right{content:counter(page) ' / ' counter(pages);font:8pt sans-serif;color:#596273}}
html{font-size:9.5pt;line-height:1.42;background:none}
body{padding:0;max-width:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
h1,h2,h3{break-after:avoid}
h2{margin-top:1.8rem}
p,li{orphans:3;widows:3}
nav{display:none}
.scroll{overflow:visible}
table{width:100%;min-width:0}
table.wide{font-size:7.4pt}
table.wide th,table.wide td{padding-right:.4rem}
tbody th{min-width:5rem}
thead{display:table-header-group}
tr,figure{break-inside:avoid}
figure svg{max-width:none}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:7.6pt}
a{color:inherit;text-decoration:none}
@page sheet{margin:10mm 12mm 12mm}
.sheet{page:sheet;font-size:var(--print-size);line-height:1.25}
.sheet header .lead{margin:.1rem 0}
.sheet h1{font-size:1.45rem;margin:.2rem 0 .2rem}
.sheet h2{font-size:1.12rem;margin:.6rem 0 .2rem;padding-top:.3rem}
.sheet p,.sheet ul,.sheet ol,.sheet caption,.sheet figcaption{max-width:none}
.sheet p,.sheet ul{margin:.25rem 0}
.sheet li{margin:0}
.sheet .scroll{margin:.3rem 0 .4rem}
.sheet table.wide{font-size:.9rem}
.sheet caption{padding:0 0 .15rem}
.sheet th,.sheet td{padding-top:.14rem;padding-bottom:.14rem;overflow-wrap:break-word}
.sheet tbody th{min-width:14rem}
.sheet figure{margin:.4rem 0}
}
"#;
