// A page that nobody looks at is not painted, and does not wait for it.
const afterPaint = work => document.hidden ? work() : requestAnimationFrame(() => setTimeout(work))
const afterLoad = work => document.readyState === "complete" ? setTimeout(work) : addEventListener("load", () => setTimeout(work))
