// Desk conveniences. Every page works without this file.
// 1. One-letter keys for buttons that carry data-key (never while typing).
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const target = event.target;
  if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
  const key = event.key.toLowerCase();
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
// 2. A refused form: the summary takes the focus.
document.querySelector("[role=alert][tabindex]")?.focus();
// 3. Polled panels keep the details that are open.
let opened = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  opened = [...event.target.querySelectorAll("details[open][id]")].map((d) => d.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});
// 4. A form is sent once: a second press while the first travels is ignored.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  else if (!form.hasAttribute("data-again")) form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
