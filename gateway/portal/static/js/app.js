// What pages gain by scripts; each of them works without.
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const trouble = one("#trouble");
  let retry = null;

  function tell(when, again = null) {
    if (!trouble) return;
    retry = again;
    for (const line of all("[data-when]", trouble)) line.hidden = line.dataset.when !== when;
    one("[data-retry]", trouble).hidden = when !== "server";
    one("[data-stay]", trouble).hidden = when !== "idle";
    trouble.hidden = false;
  }
  const settle = () => { if (trouble) trouble.hidden = true; };

  // Errors: old rows stay, a banner says what happened and offers to try again.
  const again = (event) => {
    const source = event.detail?.ctx?.sourceElement;
    return () => source && (source.requestSubmit ? source.requestSubmit() : source.click());
  };
  // A part that asks by a clock does so again anyway, and is no sign that somebody sits here.
  const byClock = (event) => !!event.detail?.ctx?.sourceElement?.matches("div");
  document.addEventListener("htmx:error", (event) => {
    if (!byClock(event)) tell(navigator.onLine ? "server" : "offline", again(event));
  });
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response.status >= 500 && !byClock(event)) tell("server", again(event));
  });
  window.addEventListener("offline", () => tell("offline"));
  window.addEventListener("online", settle);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-retry]")) { settle(); retry?.(); }
    if (event.target.closest("[data-print]")) window.print();
  });

  // Loading dims the place after 300 ms.
  const waiting = new WeakMap();
  document.addEventListener("htmx:before:request", (event) => {
    const { target } = event.detail.ctx;
    waiting.set(event.detail.ctx, setTimeout(() => target?.setAttribute("aria-busy", "true"), 300));
  });
  document.addEventListener("htmx:finally:request", (event) => {
    const { ctx } = event.detail;
    clearTimeout(waiting.get(ctx));
    ctx.target?.removeAttribute("aria-busy");
    if (ctx.response && ctx.response.status < 500) settle();
  });

  // Forms: focus on what is wrong, counted texts, a warning before text is lost.
  one("[data-focus]")?.focus();
  const first = one("input[type=text][autofocus]");
  const toEnd = () => first.setSelectionRange(first.value.length, first.value.length);
  if (first === document.activeElement) toEnd(); else first?.addEventListener("focus", toEnd, { once: true });
  function count(area) {
    const line = area.parentElement.querySelector(".count");
    if (line) line.textContent = `${area.value.length} / ${area.dataset.count}`;
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-count]")) count(event.target);
    event.target.closest("[data-guard]")?.setAttribute("data-dirty", "");
  });
  document.addEventListener("submit", (event) => event.target.removeAttribute("data-dirty"));
  window.addEventListener("beforeunload", (event) => { if (one("[data-dirty]")) event.preventDefault(); });

  // Keys: / search, J K rows, Enter opens; quiet while typing, and off where a person wants them off.
  let at = -1;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || localStorage.getItem("keys") === "off") return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const rows = all("tbody tr a, .inbox a").filter((link, place, every) => every.findIndex((other) => other.closest("tr, li") === link.closest("tr, li")) === place);
    if (event.key === "/") { event.preventDefault(); one("input[type=search]")?.focus(); }
    if (event.key === "?") one("[data-help]")?.click();
    if (event.key === "j" || event.key === "k") {
      at = Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)));
      rows[at]?.focus();
    }
  });

  const keys = one("[data-keys] button");
  function label() { keys.textContent = localStorage.getItem("keys") === "off" ? keys.dataset.off : keys.dataset.on; }
  if (keys) {
    keys.parentElement.hidden = false;
    label();
    keys.addEventListener("click", () => { localStorage.setItem("keys", localStorage.getItem("keys") === "off" ? "on" : "off"); label(); });
  }

  // Ctrl+Enter is the main action of the page, also from within a text of several lines.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.ctrlKey) return;
    const main = one("[data-main]") || one("main form .main-button");
    if (main) { event.preventDefault(); main.click(); }
  });

  // Files are sent with a bar of progress; the answer takes the place of what the page holds.
  const LARGEST = 20 * 1024 * 1024;
  function put(answer, address) {
    const page = new DOMParser().parseFromString(answer, "text/html");
    const found = one("main", page);
    if (!found) { tell("server"); return; }
    if (trouble) one("#trouble", found)?.replaceWith(trouble);
    one("main").replaceWith(found);
    document.title = page.title;
    if (address !== location.href) history.pushState({}, "", address);
    (one("[data-focus]") || one("[autofocus]") || one("h1"))?.focus();
    scrollTo(0, 0);
  }
  function send(form, data, bar) {
    const call = new XMLHttpRequest();
    const again = () => send(form, data, bar);
    call.open("POST", form.getAttribute("action"));
    call.setRequestHeader("HX-Request-Type", "partial");
    call.upload.addEventListener("progress", (event) => { bar.max = event.total; bar.value = event.loaded; });
    call.addEventListener("error", () => { bar.hidden = true; tell(navigator.onLine ? "server" : "offline", again); });
    call.addEventListener("load", () => {
      bar.hidden = true;
      const onward = call.getResponseHeader("HX-Redirect");
      if (onward) location.assign(onward);
      else if (call.status >= 500) tell("server", again);
      else put(call.responseText, call.responseURL);
    });
    bar.hidden = false;
    settle();
    call.send(data);
  }
  document.addEventListener("submit", (event) => {
    const form = event.target, bar = one("progress[data-upload]", form);
    const files = all("input[type=file]", form).flatMap((field) => [...field.files]);
    if (!bar || !files.length) return;
    event.preventDefault();
    if (files.reduce((sum, file) => sum + file.size, 0) > LARGEST) { tell("large"); return; }
    if (bar.hidden) send(form, new FormData(form, event.submitter), bar);
  });

  // Before the login ends a person is told, at least a minute ahead; one key goes on.
  const idle = Number(document.body.dataset.idle || 0);
  let timer = null;
  function watch() {
    clearTimeout(timer);
    if (idle) timer = setTimeout(() => tell("idle"), Math.max(60, idle - 120) * 1000);
  }
  one("[data-stay]")?.addEventListener("click", async () => {
    if ((await fetch("/api/v1/session")).ok) { settle(); watch(); }
  });
  document.addEventListener("htmx:after:request", (event) => { if (!byClock(event)) watch(); });
  watch();
})();
