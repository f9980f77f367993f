// The till's own touches: steppers, the slider with the number beside it, and printing. Every form
// works without them.
import { amount, cashFor, grouped, stepped } from "./worth.js";

const whole = (text) => (/^[0-9]{1,10}$/.test(text.trim()) ? BigInt(text.trim()) : 0n);

function press(button) {
  const input = button.parentElement.querySelector("input");
  if (button.dataset.step === "1") input.stepUp();
  else input.stepDown();
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function mark(input) {
  input.closest(".item")?.classList.toggle("chosen", whole(input.value) > 0n);
}

function payment(panel) {
  const number = panel.querySelector("[name=points]");
  const slider = panel.querySelector(".slider");
  if (!number || !slider || panel.dataset.ready) return;
  panel.dataset.ready = "yes";
  const given = (name) => BigInt(panel.dataset[name]);
  const rate = { points: given("ratePoints"), minorUnits: given("rateMinorUnits") };
  const decimals = Number(panel.dataset.decimals);
  const said = (name, text) => {
    for (const place of panel.querySelectorAll(`[data-said=${name}]`)) place.textContent = text;
  };
  const show = (points) => {
    const cash = cashFor(points, rate);
    slider.value = points.toString();
    const span = given("most") - given("least");
    const part = span > 0n ? ((points - given("least")) * 100n) / span : 100n;
    slider.style.setProperty("--filled", `${part}%`);
    slider.setAttribute("aria-valuetext", `${grouped(points)}: ${amount(cash, decimals)}`);
    said("points", grouped(points));
    said("worth", amount(cash, decimals));
    said("rest", amount(given("total") - cash, decimals));
  };
  const settle = (text) => {
    const points = stepped(whole(text), given("step"), given("least"), given("most"));
    number.value = points.toString();
    show(points);
  };
  slider.hidden = false;
  slider.addEventListener("input", () => settle(slider.value));
  number.addEventListener("change", () => settle(number.value));
  settle(number.value);
}

function ready(root) {
  for (const panel of root.querySelectorAll(".payment")) payment(panel);
  if (root.matches?.(".payment")) payment(root);
  for (const input of root.querySelectorAll(".stepper input")) mark(input);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (button?.dataset.step) press(button);
  if (button?.dataset.print !== undefined) window.print();
});

// Once the basket is another, what is offered for the one before can't be paid any more; nor what
// still comes for it, until the answer to the last change is here.
let changes = 0;
const known = new WeakMap(); // how many changes a request tells of

function stale() {
  const panel = document.getElementById("payment");
  panel?.setAttribute("aria-busy", "true");
  for (const button of panel?.querySelectorAll("button") ?? []) button.disabled = true;
}

document.addEventListener("change", (event) => {
  if (event.target.closest?.("form[hx-target]")) {
    changes += 1;
    stale();
  }
  if (event.target.matches?.(".stepper input")) mark(event.target);
});
document.addEventListener("htmx:beforeRequest", ({ detail }) => known.set(detail.xhr, changes));
for (const swapped of ["htmx:afterSwap", "htmx:afterSettle"]) {
  document.addEventListener(swapped, ({ detail }) => {
    if (known.has(detail.xhr) && known.get(detail.xhr) !== changes) stale();
  });
}
document.addEventListener("htmx:load", (event) => ready(event.target));
// A question that got lost with the line to the till is asked again once the line is back.
document.addEventListener("htmx:sseOpen", () => {
  if (document.querySelector("#payment[aria-busy]")) {
    document.querySelector("form[hx-target]")?.requestSubmit();
  }
});
ready(document.body);
