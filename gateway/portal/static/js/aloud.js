// 长者版: the page is read aloud, block by block, where the browser has a voice; else the button stays hidden.
(() => {
  const place = document.querySelector("[data-aloud]"), speech = window.speechSynthesis;
  if (!place || !speech || !window.SpeechSynthesisUtterance) return;
  const button = place.querySelector("button");
  const BLOCK = "h1, h2, h3, h4, p, li, dt, dd, th, td, label, legend, summary, pre, div";
  const SILENT = "[hidden], [aria-hidden=true], [role=alert][hidden], .breadcrumb, .pager, select, textarea, button, script";
  const LONGEST = 150;
  let left = [], spoken = null;

  // Visible texts of the page, those of one block together, a cell behind the words of its column.
  function blocks() {
    const found = new Map(), main = document.querySelector("main");
    const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const text = walk.currentNode.textContent.trim(), at = walk.currentNode.parentElement;
      if (!text || at.closest(SILENT) || !at.getClientRects().length) continue;
      const block = at.closest(BLOCK) || main;
      found.set(block, [...(found.get(block) || []), text]);
    }
    return [...found].flatMap(([block, texts]) => {
      const label = block.dataset.of ? `${block.dataset.of}：` : "";
      return sentences(label + texts.join(" ")).map((text) => ({ block, text }));
    });
  }
  // Some voices fall silent within a long text: it is given to them sentence by sentence.
  const sentences = (text) => text.match(/[^。！？；.!?;]+[。！？；.!?;]*/g).flatMap(
    (one) => one.match(new RegExp(`[^]{1,${LONGEST}}`, "g"))).filter((one) => /[\p{L}\p{N}]/u.test(one));

  function mark(block) {
    spoken?.classList.remove("spoken");
    spoken = block;
    spoken?.classList.add("spoken");
    spoken?.scrollIntoView({ block: "nearest" });
  }
  function stop() {
    left = [];
    mark(null);
    speech.cancel();
    button.textContent = button.dataset.start;
  }
  function next() {
    const one = left.shift();
    if (!one) { stop(); return; }
    const words = new SpeechSynthesisUtterance(one.text), mine = left;
    words.lang = one.block.closest("[lang]").lang;
    words.rate = 0.9;
    words.onend = () => { if (mine === left) next(); };
    words.onerror = () => { if (mine === left) stop(); };
    mark(one.block);
    speech.speak(words);
  }
  button.addEventListener("click", () => {
    if (spoken) { stop(); return; }
    speech.cancel();
    left = blocks();
    button.textContent = button.dataset.stop;
    next();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && spoken) stop(); });
  document.addEventListener("htmx:after:swap", () => { if (spoken) stop(); });
  window.addEventListener("pagehide", stop);

  const show = () => { place.hidden = !speech.getVoices().length; };
  speech.onvoiceschanged = show;
  show();
})();
