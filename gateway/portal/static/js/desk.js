// A desk: the main act by Ctrl+Enter, every material marked at once, the row whose case is shown.
(() => {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    const main = document.querySelector("#case .main-button");
    if (main) { event.preventDefault(); main.click(); }
  });
  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-set]");
    if (!all) return;
    for (const box of document.querySelectorAll(`#case input[type=radio][value="${all.dataset.set}"]`)) box.checked = true;
    document.querySelector("#case form[data-guard]")?.setAttribute("data-dirty", "");
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx?.target?.id !== "case") return;
    const link = event.detail.ctx.sourceElement?.closest("tr a");
    if (link) {
      for (const other of document.querySelectorAll(".queue a[aria-current]")) other.removeAttribute("aria-current");
      for (const row of document.querySelectorAll(".queue tr")) row.classList.toggle("chosen", row.contains(link));
      link.setAttribute("aria-current", "true");
    }
    document.querySelector("#case [data-focus]")?.focus();
  });
})();
