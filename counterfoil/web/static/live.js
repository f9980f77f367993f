// On every page: times in the viewer's own zone, and the focus kept where live parts change.

const shapes = {
  time: new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }),
  day: new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }),
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

// A live part that is swapped takes the focus with it: it goes to the headline then.
let held = false;
document.addEventListener("htmx:sseBeforeMessage", (event) => {
  held = event.target.contains(document.activeElement);
});
document.addEventListener("htmx:sseMessage", () => {
  if (held && document.activeElement === document.body) {
    document.querySelector("[data-headline]")?.focus();
  }
  held = false;
});
