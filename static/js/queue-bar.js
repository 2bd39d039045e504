// <queue-bar one="…" many="{n} …" refused="{n} …" sent="…" hidden> says how much has not been sent, and leads to the list.
// Once seen it does not vanish from under a finger: when all is sent it says so until the page is left.
class QueueBar extends HTMLElement {
  connectedCallback() {
    addEventListener("queue", () => this.soon(100))
    // On a quick network all is sent by then, and nothing need be said.
    this.soon(2000)
  }

  soon(pause) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.refresh(), pause)
  }

  async refresh() {
    const items = await Items.all()
    const waiting = items.filter(({ state }) => state === "waiting" || state === "other").length
    const n = waiting || items.length
    if (this.hidden && !n) return
    const words = !n ? "sent" : !waiting ? "refused" : n === 1 ? "one" : "many"
    this.querySelector("span").textContent = (this.getAttribute(words) || "").replace("{n}", n)
    this.hidden = !this.hasAttribute(words)
  }
}
customElements.define("queue-bar", QueueBar)
