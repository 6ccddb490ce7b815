// The few things of the portal that no link and no form can do.
"use strict";

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const wanted = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = wanted;
  try {
    localStorage.setItem("dryland-theme", wanted);
  } catch (refused) {
    // then it lasts as long as the page
  }
  document.dispatchEvent(new Event("dryland:theme"));
});

// `/` goes to the search, as people know it from elsewhere; not while they write.
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const field = document.getElementById("words") || document.getElementById("find");
  if (field) {
    event.preventDefault();
    field.focus();
    field.select();
  }
});

// Choosing an environment is going there; the button is for those without this script.
const environment = document.querySelector("form.environment");
if (environment) {
  environment.querySelector("button").hidden = true;
  environment.querySelector("select").addEventListener("change", () => environment.submit());
}

// What is replaced while somebody works with the keyboard gives the focus back.
let focused = "";
document.addEventListener("htmx:beforeSwap", () => {
  focused = document.activeElement ? document.activeElement.id : "";
});
document.addEventListener("htmx:afterSwap", () => {
  const field = focused && document.getElementById(focused);
  if (field && field !== document.activeElement) field.focus();
});

// What says why there is nothing is shown where there would have been something.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.target.hasAttribute("data-shows-trouble")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

// A wide picture begins where the page is about.
for (const picture of document.querySelectorAll(".drawing")) {
  const box = picture.querySelector("[aria-current] rect");
  if (!box) continue;
  const [there, here] = [box.getBoundingClientRect(), picture.getBoundingClientRect()];
  picture.scrollLeft = there.left + there.width / 2 - here.left - here.width / 2;
  picture.scrollTop = there.top + there.height / 2 - here.top - here.height / 2;
}
