// Shows the page in the light that its reader chose, before anything of it is drawn.
"use strict";
(function () {
  try {
    const chosen = localStorage.getItem("dryland-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch (refused) {
    // a browser that keeps nothing follows the system
  }
})();
