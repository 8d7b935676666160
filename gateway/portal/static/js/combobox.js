// A field of a place offers what fits while somebody types; without it the server reads what was typed.
(() => {
  const WAIT = 150;
  const field = (event) => event.target.closest?.("input[data-places]");
  const list = (input) => document.getElementById(input.dataset.list);
  const offers = (input) => [...list(input).children];
  let timer = null, asked = null;

  function prepare(input) {
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": input.dataset.list })) input.setAttribute(name, value);
  }
  function close(input) {
    clearTimeout(timer);
    asked?.abort();
    list(input).hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
  function choose(input, at) {
    const every = offers(input);
    for (const one of every) one.setAttribute("aria-selected", String(one === every[at]));
    if (!every[at]) return;
    input.setAttribute("aria-activedescendant", every[at].id);
    every[at].scrollIntoView({ block: "nearest" });
  }
  function take(input, offer) {
    input.value = offer.dataset.value;
    close(input);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function offer(input, page) {
    const found = [...page.querySelectorAll("li[data-value]")], box = list(input);
    found.forEach((one, at) => { one.setAttribute("role", "option"); one.id = `${box.id}-${at}`; });
    box.replaceChildren(...found);
    box.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!!found.length));
    input.removeAttribute("aria-activedescendant");
    const told = document.getElementById(`${box.id}-told`);
    told.textContent = found.length ? told.dataset.some.replace("#", found.length) : told.dataset.none;
  }
  async function ask(input) {
    asked?.abort();
    asked = new AbortController();
    const address = new URL(input.dataset.places, location.href);
    address.searchParams.set("q", input.value.trim());
    try {
      const answer = await fetch(address, { headers: { "HX-Request-Type": "partial" }, signal: asked.signal });
      if (answer.ok && input === document.activeElement) offer(input, new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* given up, or no line: what is typed is sent as it is */ }
  }

  document.addEventListener("focusin", (event) => { const input = field(event); if (input) prepare(input); });
  document.addEventListener("focusout", (event) => { const input = field(event); if (input) close(input); });
  document.addEventListener("input", (event) => {
    const input = field(event);
    if (!input) return;
    clearTimeout(timer);
    if (input.value.trim()) timer = setTimeout(() => ask(input), WAIT); else close(input);
  });
  document.addEventListener("keydown", (event) => {
    const input = field(event);
    if (!input || list(input).hidden || event.isComposing) return;
    const every = offers(input), at = every.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") choose(input, (at + 1) % every.length);
    else if (event.key === "ArrowUp") choose(input, (at < 1 ? every.length : at) - 1);
    else if (event.key === "Enter" && at >= 0) take(input, every[at]);
    else if (event.key === "Escape") close(input);
    else return;
    event.preventDefault();
  });
  // The field keeps the focus, so that the list is still there when the button comes up.
  document.addEventListener("mousedown", (event) => { if (event.target.closest?.(".offers")) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const offer = event.target.closest?.(".offers li");
    if (offer) take(document.querySelector(`input[data-list="${offer.parentElement.id}"]`), offer);
  });
  document.querySelectorAll("input[data-places]").forEach(prepare);
})();
