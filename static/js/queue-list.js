// <queue-list waiting="…" other="…" refused="…" broken="…" sent="…"> shows each thing that has not been counted, from its
// <template> into its <ul>. What was refused goes when the person has read it; what waits cannot be thrown away.
class QueueList extends HTMLElement {
  connectedCallback() {
    this.rows = new Map()
    addEventListener("queue", () => this.soon())
    this.soon()
  }

  soon() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.refresh(), 50)
  }

  async refresh() {
    const items = await Items.all()
    for (const { key, record, state } of items) {
      if (!this.rows.has(key)) this.rows.set(key, this.add(key, record, state))
      this.say(this.rows.get(key), state, record.refused)
    }
    // What has gone meanwhile stays as sent, so that nothing moves under a finger.
    for (const [key, row] of this.rows) if (!items.some(item => item.key === key)) this.say(row, "sent")
    this.querySelector("[data-empty]").hidden = this.querySelector("ul").children.length > 0
  }

  add(key, record, state) {
    const row = document.importNode(this.querySelector("template").content, true).firstElementChild
    const fill = (name, text) => { row.querySelector(name).textContent = text }
    // Where somebody else was is not this person's business.
    if (state !== "other") fill("[data-place]", record.label || record.place || "")
    if (state !== "broken" && record.pressed) fill("time", Items.time(record, { month: "long", day: "numeric" }))
    row.querySelector("button").addEventListener("click", () => {
      row.remove()
      Items.settle({ key }, "read")
    })
    return this.querySelector("ul").appendChild(row)
  }

  say(row, state, reason) {
    row.dataset.state = state
    row.querySelector("[data-state]").textContent = this.getAttribute(state) || ""
    row.querySelector("[data-reason]").textContent = state === "refused" ? reason : ""
    row.querySelector("button").hidden = state !== "refused" && state !== "broken"
  }
}
customElements.define("queue-list", QueueList)
