// The console: keys, a way to stop, names at a click, and one's own queries, which stay in this browser.
"use strict";
(() => {
  const form = document.getElementById("console");
  const field = document.getElementById("sql");
  const [run, stop, said] = ["run", "stop", "said"].map((id) => document.getElementById(id));
  const before = document.getElementById("before");
  const KEPT = `dryland-queries ${form.dataset.who}`; // of whoever sits here now
  const KEPT_MAX = 30;

  function kept() {
    try {
      const found = JSON.parse(localStorage.getItem(KEPT) || "[]");
      return Array.isArray(found) ? found.filter((each) => typeof each === "string") : [];
    } catch (refused) {
      return [];
    }
  }

  function keep(queries) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(queries.slice(0, KEPT_MAX)));
    } catch (refused) {
      // then nothing is remembered
    }
    show();
  }

  function show() {
    const queries = kept();
    before.hidden = queries.length === 0;
    const list = before.querySelector("ol");
    list.replaceChildren(
      ...queries.map((sql) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "name";
        button.textContent = sql.length > 160 ? `${sql.slice(0, 160)}…` : sql;
        button.addEventListener("click", () => {
          field.value = sql;
          field.focus();
        });
        const entry = document.createElement("li");
        entry.append(button);
        return entry;
      }),
    );
  }

  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run.click();
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    field.focus();
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  });

  document.getElementById("forget").addEventListener("click", () => keep([]));

  run.addEventListener("htmx:beforeRequest", () => {
    const sql = field.value.trim();
    if (sql) keep([sql, ...kept().filter((each) => each !== sql)]);
    stop.hidden = false;
    said.textContent = said.dataset.running;
  });

  run.addEventListener("htmx:afterRequest", () => {
    if (document.activeElement === stop) field.focus();
    stop.hidden = true;
    said.textContent = "";
  });

  show();
})();
