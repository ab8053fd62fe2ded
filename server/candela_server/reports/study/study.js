"use strict";
(() => {
  const study = JSON.parse(document.getElementById("study").textContent);
  const at = (id) => document.getElementById(id);
  const COLUMNS = study.columns;
  let state = null;   // {rater, name, session, choices: [[…columns…]]}
  let first = true;   // which of the two is shown
  let seen = new Set();

  const key = () => `candela-study ${study.id} ${state.rater}`;
  const trials = () => study.raters[state.rater - 1];
  const trial = () => trials()[state.choices.length];

  function keep() {
    // A browser may forbid storage for files: the choices are in the page until it is closed.
    try { localStorage.setItem(key(), JSON.stringify(state)); at("kept").textContent = ""; }
    catch (error) { at("kept").textContent = "This browser keeps nothing: save the CSV before you close the page."; }
  }

  function begin() {
    const name = at("name").value.trim(), rater = Number(at("rater").value);
    if (!name) { at("wrong").textContent = "Say who you are."; return; }
    if (!Number.isInteger(rater) || rater < 1 || rater > study.raters.length) {
      at("wrong").textContent = `Your number is 1 to ${study.raters.length}.`; return;
    }
    const fresh = {rater, name, session: now(), choices: []};
    state = fresh;
    try {
      const before = JSON.parse(localStorage.getItem(key()));
      if (before && before.name === name && Array.isArray(before.choices)) { state = before; }
      else if (before && before.choices && before.choices.length) {
        at("wrong").textContent = `Number ${rater} was begun by ${before.name} here; take another number.`;
        state = null; return;
      }
    } catch (error) { /* nothing kept, or not to be read: begin anew */ }
    at("intro").hidden = true;
    next();
  }

  function now() { return new Date().toISOString().replace(/\.\d+Z$/, "Z"); }

  function next() {
    keep();
    const done = state.choices.length >= trials().length;
    at("show").hidden = done;
    at("end").hidden = !done;
    if (done) {
      at("sum").textContent = `${state.choices.length} choices of ${state.name}.`;
      return;
    }
    first = true;
    seen = new Set();
    const one = trial();
    if (!study.host) {
      at("one").src = study.pictures[one.first];
      at("two").src = study.pictures[one.second];
    }
    at("told").textContent = at("kept").textContent;
    look(true);
  }

  function look(wanted) {
    first = wanted;
    seen.add(first ? 1 : 2);
    at("one").className = first ? "on" : "";
    at("two").className = first ? "" : "on";
    at("side").textContent = first ? "First" : "Second";
    const number = state.choices.length + 1;
    at("which").textContent = study.host ? `${String(number).padStart(3, "0")} ${first ? "first" : "second"}` : "";
    at("count").textContent = `${number} of ${trials().length}`;
    at("undo").disabled = state.choices.length === 0;
    for (const id of ["better1", "better2"]) { at(id).disabled = seen.size < 2; }
  }

  function choose(chosen) {
    if (seen.size < 2) { at("told").textContent = "Look at both first: press Space."; return; }
    const one = trial(), swapped = one.swapped;
    // Columns A and B are in order of name; `left` says which of them was first.
    const aWon = (chosen === 1) !== swapped;
    state.choices.push([state.name, state.session, one.scene, one.a, one.b, aWon ? 1 : 0, swapped ? "B" : "A", 1, 0,
      one.file_a, one.file_b, now(), study.version]);
    next();
  }

  function undo() {
    if (state && state.choices.length) { state.choices.pop(); at("end").hidden = true; at("show").hidden = false; next(); }
  }

  function cell(value) {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  function csv() { return [COLUMNS, ...state.choices].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n"; }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv()], {type: "text/csv"}));
    link.download = `choices-${study.id}-${String(state.rater).padStart(2, "0")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  at("begin").addEventListener("click", begin);
  at("flip").addEventListener("click", () => look(!first));
  at("better1").addEventListener("click", () => choose(1));
  at("better2").addEventListener("click", () => choose(2));
  at("undo").addEventListener("click", undo);
  at("save").addEventListener("click", save);
  at("early").addEventListener("click", save);
  at("back").addEventListener("click", undo);
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (!at("intro").hidden) { if (event.key === "Enter") { event.preventDefault(); begin(); } return; }
    if (at("show").hidden) { return; }
    const acts = {" ": () => look(!first), f: () => look(!first), 1: () => choose(1), ArrowLeft: () => choose(1),
      2: () => choose(2), ArrowRight: () => choose(2), u: undo};
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act) { event.preventDefault(); act(); }
  });
  window.candelaCsv = csv;
})();
