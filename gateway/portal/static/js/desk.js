// A desk: the main act by Ctrl+Enter, every material marked at once, the row whose case is shown;
// times that are true each minute, keys in a window of their own.
(() => {
  const one = (selector) => document.querySelector(selector);
  const MINUTE = 60_000;
  let chosen = "";
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    const main = one("#case .main-button");
    if (main) { event.preventDefault(); main.click(); }
  });
  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-set]");
    if (!all) return;
    for (const box of document.querySelectorAll(`#case input[type=radio][value="${all.dataset.set}"]`)) box.checked = true;
    one("#case form[data-guard]")?.setAttribute("data-dirty", "");
  });

  function choose(link) {
    for (const other of document.querySelectorAll(".queue a[aria-current]")) other.removeAttribute("aria-current");
    for (const row of document.querySelectorAll(".queue tr")) row.classList.toggle("chosen", !!link && row.contains(link));
    link?.setAttribute("aria-current", "true");
  }

  // The queue is asked for again each minute: not while somebody writes, nor behind another window.
  const writing = () => document.activeElement?.closest("input, select, textarea") || one("[data-dirty]");
  setInterval(() => {
    if (document.hidden || writing()) return;
    chosen = one(".queue a[aria-current]")?.id || "";
    one("#queue")?.dispatchEvent(new CustomEvent("minute"));
  }, MINUTE);
  function again() {
    choose(document.getElementById(chosen));
    const shown = one("#case h2 .time-chip"), row = one("tr.chosen .time-chip");
    if (shown && row) shown.replaceWith(row.cloneNode(true));
  }

  document.addEventListener("htmx:after:swap", (event) => {
    const place = event.detail.ctx?.target?.id;
    if (place === "queue") again();
    if (place === "keys") one("#help").showModal();
    if (place !== "case") return;
    const link = event.detail.ctx.sourceElement?.closest("tr a");
    if (link) choose(link);
    one("#case [data-focus]")?.focus();
  });
})();
