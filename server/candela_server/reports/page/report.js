// Filter, sort, light or dark, and reading the trend. The page is whole without any of it.
"use strict";
(() => {
  const all = (what, from = document) => [...from.querySelectorAll(what)];
  const one = (what, from = document) => from.querySelector(what);

  // Dark or light: the browser's own wish until the button is pressed.
  const theme = one("#theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = getComputedStyle(root).colorScheme === "dark";
    root.dataset.theme = dark ? "light" : "dark";
  });

  const body = one(".findings tbody");
  if (body) {
    const rows = [...body.rows];
    const words = rows.map((row) => row.textContent.toLowerCase());
    const search = one("#search"), shown = one("#shown"), nothing = one("#nothing");
    const filter = () => {
      const kinds = new Set(all(".toggle[aria-pressed=true]").map((button) => button.dataset.show));
      const picked = all("select[data-filter]").filter((select) => select.value);
      const text = search.value.trim().toLowerCase();
      let count = 0;
      rows.forEach((row, n) => {
        const fits = kinds.has(row.dataset.kind)
          && picked.every((select) => row.dataset[select.dataset.filter] === select.value)
          && words[n].includes(text);
        row.hidden = !fits;
        count += fits;
      });
      shown.textContent = count === rows.length ? "" : `${count} of ${rows.length} shown`;
      nothing.hidden = count > 0;
    };
    all(".toggle").forEach((button) => button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      filter();
    }));
    all("select[data-filter]").forEach((select) => select.addEventListener("change", filter));
    search.addEventListener("input", filter);

    const heads = all(".findings th");
    heads.forEach((head, column) => one("button", head).addEventListener("click", (event) => {
      const numbers = event.currentTarget.dataset.sort === "number";
      const before = head.getAttribute("aria-sort");
      // The first press brings the gravest, the highest, or A to the top.
      const falls = before === "none" ? numbers && /severity|measured|limit/.test(head.className) : before === "ascending";
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const value = (row) => {
        const cell = row.cells[column];
        if (!numbers) return cell.textContent;
        return cell.dataset.v === undefined || cell.dataset.v === "None" ? null : Number(cell.dataset.v);
      };
      const sorted = rows.map((row, n) => [value(row), n, row]).sort(([a, m], [b, n]) => {
        if (a === null || b === null) return (a === null) - (b === null) || m - n; // what has no number is last
        const order = numbers ? a - b : a.localeCompare(b, undefined, { numeric: true });
        return (falls ? -order : order) || m - n;
      });
      body.append(...sorted.map((entry) => entry[2]));
    }));

    // A link to a finding that the filter hides has to show it.
    const reveal = () => {
      const row = document.getElementById(location.hash.slice(1));
      if (row && row.matches(".findings tr") && row.hidden) {
        all(".toggle").forEach((button) => button.setAttribute("aria-pressed", "true"));
        all("select[data-filter]").forEach((select) => { select.value = ""; });
        search.value = "";
        filter();
        row.scrollIntoView();
      }
    };
    addEventListener("hashchange", reveal);
  }

  all(".only").forEach((label) => {
    label.hidden = false;
    one("input", label).addEventListener("change", (event) => {
      all("article.shot", label.closest(".clip")).forEach((shot) => {
        shot.hidden = event.target.checked && shot.dataset.found === "0";
      });
    });
  });

  all(".trend").forEach((trend) => {
    const data = JSON.parse(one("script", trend).textContent);
    const plots = one(".plots", trend), cursor = one(".cursor", trend), reading = one(".reading", trend);
    plots.addEventListener("pointermove", (event) => {
      const box = plots.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1 - 1e-9);
      const at = Math.floor(share * data.frames.length);
      cursor.hidden = false;
      cursor.style.left = `${100 * share}%`;
      const values = data.lines.map((line) =>
        `${line.name} ${line.values[at] === null ? "–" : line.values[at]} ${line.unit}`);
      reading.textContent = `frame ${data.frames[at]}: ${values.join(", ")}`;
    });
    plots.addEventListener("pointerleave", () => {
      cursor.hidden = true;
      reading.textContent = "";
    });
  });
})();
