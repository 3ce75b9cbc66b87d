"use strict";

// A link to a mart opens it.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", openTarget);
addEventListener("DOMContentLoaded", () => {
  openTarget();

  // Where there is little room, contents are folded and the navigation shows where one is.
  if (matchMedia("(max-width: 70rem)").matches) {
    document.querySelector("aside details")?.removeAttribute("open");
  }
  const nav = document.querySelector("nav");
  const here = nav.querySelector("[aria-current]");
  if (here) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - 40;

  // The lines of the mart that is pointed at, or has the focus, stand out.
  const diagram = document.querySelector("svg.diagram");
  const mark = (name) => {
    diagram.classList.toggle("marking", Boolean(name));
    for (const line of diagram.querySelectorAll("[data-from]")) {
      line.classList.toggle("marked", [line.dataset.from, line.dataset.to].includes(name));
    }
    const near = new Set([name]);
    for (const line of diagram.querySelectorAll(".marked")) near.add(line.dataset.from).add(line.dataset.to);
    for (const card of diagram.querySelectorAll("[data-mart]")) {
      card.classList.toggle("marked", near.has(card.dataset.mart));
    }
  };
  for (const card of diagram ? diagram.querySelectorAll("[data-mart]") : []) {
    const link = card.closest("a");
    link.addEventListener("pointerenter", () => mark(card.dataset.mart));
    link.addEventListener("pointerleave", () => mark(null));
    link.addEventListener("focus", () => mark(card.dataset.mart));
    link.addEventListener("blur", () => mark(null));
  }

  // The filter keeps marts in which every word occurs.
  const filter = document.getElementById("filter");
  filter?.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of document.querySelectorAll("section.subject")) {
      let shown = 0;
      for (const mart of section.querySelectorAll("details.mart")) {
        const text = mart.textContent.toLowerCase();
        mart.hidden = !words.every((word) => text.includes(word));
        shown += mart.hidden ? 0 : 1;
      }
      section.hidden = shown === 0;
    }
  });

  // SQL and commands can be copied.
  for (const code of document.querySelectorAll("pre[data-language]")) {
    const text = code.textContent;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    code.append(button);
  }
});
