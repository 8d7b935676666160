// Before the first paint: scripts run here, and the page looks as the person chose.
(() => {
  const root = document.documentElement;
  const kept = /(?:^|; )display=([^;]*)/.exec(document.cookie);
  const chosen = kept ? kept[1].split(".") : [];
  root.classList.add("js");
  for (const name of ["elder", "contrast"]) root.classList.toggle(name, chosen.includes(name));
})();
