// <queue-bar one="…" many="{n} …" refused="{n} …" sent="…" hidden> says how much has not been sent, and leads to the list.
// Once seen it does not vanish from under a finger: when all is sent it says so until the page is left.
class QueueBar extends HTMLElement {
  connectedCallback() {
    addEventListener("queue", () => this.refresh())
    setTimeout(() => this.refresh(), 2000) // a quick network has sent it all by then
  }

  async refresh() {
    const states = (await Items.all()).map(item => item.state)
    const waiting = states.filter(state => state === "waiting" || state === "other").length
    const n = waiting || states.length
    const words = waiting ? (n === 1 ? "one" : "many") : n ? "refused" : "sent"
    if (this.hidden && !n) return
    this.hidden = !this.hasAttribute(words)
    const text = (this.getAttribute(words) || "").replace("{n}", n)
    const place = this.querySelector("span")
    if (place.textContent !== text) place.textContent = text
  }
}
customElements.define("queue-bar", QueueBar)
