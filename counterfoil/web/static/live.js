// On every page: times in the viewer's own zone, the focus kept where live parts change, and a word
// when nothing comes any more.

const format = (options) => new Intl.DateTimeFormat(undefined, options);
const clock = format({ timeStyle: "short" });
const shapes = {
  time: format({ timeStyle: "medium" }),
  day: format({ dateStyle: "medium", timeStyle: "short" }),
  date: format({ dateStyle: "medium", timeZone: "UTC" }), // a day on the ledger is a day in UTC
  near: {
    format: (at) => (at.toDateString() === new Date().toDateString() ? clock : shapes.day).format(at),
  },
};

function tell(element) {
  const at = new Date(element.dateTime);
  if (Number.isNaN(at.getTime())) return;
  const shape = shapes[element.dataset.shape];
  if (shape) element.textContent = shape.format(at);
}

function times(root) {
  for (const element of root.querySelectorAll("time[data-shape]")) tell(element);
  if (root.matches?.("time[data-shape]")) tell(root);
}

document.addEventListener("htmx:load", (event) => times(event.target));
times(document.body);

// A live part that is swapped keeps what was opened and keyed in, and the focus; if its place is
// gone, that goes to the headline.
let held = "";
let opened = [];
let keyed = [];
document.addEventListener("htmx:sseBeforeMessage", ({ target }) => {
  held = target.contains(document.activeElement) ? placeOf(document.activeElement) : "";
  opened = [...target.querySelectorAll("details[id][open]")].map((one) => one.id);
  keyed = [...target.querySelectorAll("input[id]")].map((one) => [one.id, one.value]);
});
document.addEventListener("htmx:sseMessage", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, value] of keyed) {
    const input = document.getElementById(id);
    if (input) input.value = value;
  }
  if (held && document.activeElement === document.body) {
    (document.querySelector(held) ?? document.querySelector("[data-headline]"))?.focus();
  }
  held = "";
});

// A selector by which an element's successor is found.
function placeOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const named = (one, attribute) => `[${attribute}="${CSS.escape(one.getAttribute(attribute))}"]`;
  if (element.matches("a[href]")) return `a${named(element, "href")}`;
  const form = element.closest("form[action]");
  if (form) return `form${named(form, "action")} ${element.localName}`;
  const part = element.closest("details[id]");
  return part ? `#${CSS.escape(part.id)} > ${element.localName}` : "[data-headline]";
}

// The line to the server: whoever looks at the page is told when it is cut for more than a moment.
const MOMENT = 1500; // milliseconds
let cut = 0;
document.addEventListener("htmx:sseError", () => {
  cut ||= window.setTimeout(() => document.querySelector("[data-cut]")?.removeAttribute("hidden"), MOMENT);
});
document.addEventListener("htmx:sseOpen", () => {
  window.clearTimeout(cut);
  cut = 0;
  document.querySelector("[data-cut]")?.setAttribute("hidden", "");
});
