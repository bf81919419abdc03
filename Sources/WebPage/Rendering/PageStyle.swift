/// The stylesheet: light and dark as the browser asks for, from a phone's width up.
enum PageStyle {
    static let css = """
        :root { color-scheme: light dark; --ground: #f4f7f9; --sheet: #fff; --ink: #16242e; --soft: #52636f;
          --line: #d8e0e6; --accent: #0a6478; --accent-ink: #fff; --tint: #e4f1f3; --warn: #8a4b00; --warn-tint: #fdf0dc;
          --bad: #a8201a; --bad-tint: #fdeceb; --good: #1c6a3c; --good-tint: #e3f4e9; --bar: #0b3b54; --bar-ink: #fff;
          --code: #eef2f5; }
        @media (prefers-color-scheme: dark) { :root { --ground: #0e161c; --sheet: #16212a; --ink: #e6edf2;
          --soft: #a3b4c0; --line: #2b3a46; --accent: #6cc5d6; --accent-ink: #06222a; --tint: #16343c; --warn: #f4bd6a;
          --warn-tint: #38290f; --bad: #ff9c94; --bad-tint: #3d1a18; --good: #86d7a3; --good-tint: #12321f;
          --bar: #0a2c3f; --code: #0f1921; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--ground); color: var(--ink);
          font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        a { color: var(--accent); text-underline-offset: .18em; }
        a:focus-visible, button:focus-visible, input:focus-visible, summary:focus-visible, pre:focus-visible {
          outline: 3px solid #f2a33a; outline-offset: 2px; border-radius: 4px; }
        .skip { position: absolute; left: -999px; } .skip:focus { left: 1rem; top: .5rem; background: var(--sheet);
          padding: .5rem; z-index: 2; }
        .bar { background: var(--bar); color: var(--bar-ink); }
        .bar > div { max-width: 74rem; margin: 0 auto; padding: .6rem 1.25rem; display: flex; flex-wrap: wrap;
          gap: .4rem 1.25rem; align-items: center; }
        .bar a { color: var(--bar-ink); } .bar a, .bar button { text-decoration: none; }
        .bar a:hover, .bar button:hover { text-decoration: underline; }
        .brand { display: flex; gap: .6rem; align-items: center; font-weight: 650; font-size: 1.1rem; }
        .brand img { width: 30px; height: 30px; display: block; }
        .bar .end { margin-left: auto; display: flex; gap: 1rem; align-items: center; flex-wrap: wrap; }
        .bar form { margin: 0; } .bar button { background: none; border: 0; color: inherit; padding: 0; font: inherit;
          cursor: pointer; }
        main { max-width: 74rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; }
        footer { max-width: 74rem; margin: 0 auto; padding: 0 1.25rem 2rem; color: var(--soft); font-size: .875rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: .2rem 0 1rem; overflow-wrap: anywhere; font-weight: 680; }
        h2 { font-size: 1.12rem; margin: 0 0 .75rem; font-weight: 650; }
        .crumbs { font-size: .9rem; color: var(--soft); overflow-wrap: anywhere; }
        .lead { color: var(--soft); margin: -.6rem 0 1.25rem; overflow-wrap: anywhere; }
        .sheet { background: var(--sheet); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.25rem;
          margin: 0 0 1.25rem; box-shadow: 0 1px 2px rgb(0 0 0 / 4%); }
        .grid { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr));
          margin-bottom: 1.25rem; } .grid .sheet { margin: 0; }
        form.find { display: flex; gap: .5rem; margin-bottom: 1.25rem; flex-wrap: wrap; align-items: end; }
        form.find label { flex: 1 1 14rem; } label { display: block; font-weight: 600; font-size: .9rem; }
        input { display: block; width: 100%; margin-top: .25rem; padding: .55rem .75rem; font: inherit; font-weight: 400;
          color: var(--ink); background: var(--sheet); border: 1px solid var(--soft); border-radius: 8px; }
        .button { display: inline-block; padding: .55rem 1.05rem; border-radius: 8px; border: 1px solid var(--accent);
          background: var(--accent); color: var(--accent-ink); font: inherit; font-weight: 600; cursor: pointer;
          text-decoration: none; } .button:hover { filter: brightness(1.08); }
        .button.plain { background: transparent; color: var(--accent); }
        .button.bad { background: var(--bad); border-color: var(--bad); color: var(--sheet); }
        .row { display: flex; gap: .75rem; flex-wrap: wrap; align-items: center; }
        table { border-collapse: collapse; width: 100%; font-size: .94rem; }
        caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
        th { text-align: left; font-size: .8rem; color: var(--soft); font-weight: 600; white-space: nowrap; }
        th, td { padding: .55rem .8rem .55rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        tr:last-child > td, tr:last-child > th { border-bottom: 0; } td { overflow-wrap: anywhere; }
        .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
        td.number, th.number { padding-right: 1.2rem; } .time { white-space: nowrap; }
        code, pre, .mono { font: .875em/1.5 ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", monospace; }
        pre { background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: .65rem .8rem;
          margin: .3rem 0 .9rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
        bdi { unicode-bidi: isolate; overflow-wrap: anywhere; }
        .name { font-weight: 620; font-size: 1.02rem; text-decoration: none; } .name:hover { text-decoration: underline; }
        .soft { color: var(--soft); } .small { font-size: .875rem; }
        .chips { display: flex; flex-wrap: wrap; gap: .3rem; }
        .chip { border-radius: 99px; padding: .05rem .6rem; font-size: .8rem; background: var(--tint); color: var(--ink);
          white-space: nowrap; } .chip.good { background: var(--good-tint); color: var(--good); }
        .chip.warn { background: var(--warn-tint); color: var(--warn); }
        .chip.bad { background: var(--bad-tint); color: var(--bad); white-space: normal; }
        dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .4rem 1.2rem; margin: 0; }
        dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
        details { border-top: 1px solid var(--line); padding: .6rem 0; } details:first-of-type { border-top: 0; }
        summary { cursor: pointer; font-weight: 600; } details[open] > summary { margin-bottom: .4rem; }
        .notice { border-radius: 8px; padding: .7rem 1rem; margin: 0 0 1.25rem; background: var(--tint); }
        .notice.bad { background: var(--bad-tint); color: var(--bad); }
        .notice.good { background: var(--good-tint); color: var(--good); }
        nav.pages { display: flex; gap: .75rem; justify-content: space-between; align-items: center; margin-top: 1rem; }
        nav.tabs { display: flex; gap: .4rem 1.2rem; flex-wrap: wrap; margin-bottom: 1.25rem; }
        nav.tabs a[aria-current] { color: var(--ink); font-weight: 650; text-decoration-thickness: 2px; }
        .narrow { max-width: 26rem; margin: 2.5rem auto; } .narrow label { margin-bottom: 1rem; }
        @media (max-width: 46rem) {
          main { padding: 1.1rem .9rem 2rem; } .bar > div { padding: .6rem .9rem; } h1 { font-size: 1.35rem; }
          .sheet { padding: .9rem; border-radius: 10px; }
          table.fold, table.fold tbody, table.fold tr, table.fold td { display: block; width: 100%; }
          table.fold thead { position: absolute; left: -999px; }
          table.fold tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
          table.fold tr:last-child { border-bottom: 0; }
          table.fold td { border: 0; padding: .12rem 0; text-align: left; white-space: normal; }
          table.fold td[data-label] { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .5rem; }
          table.fold td[data-label]::before { content: attr(data-label); color: var(--soft); font-size: .85rem; }
          table.fold td:empty { display: none; }
          dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
        }
        """
}
