// <queue-list waiting="…" other="…" refused="…" broken="…" sent="…"> shows each thing that has not been counted, from its
// <template> into its <ul>. What was refused goes when the person has read it; what waits cannot be thrown away.
class QueueList extends HTMLElement {
  connectedCallback() {
    this.rows = new Map()
    addEventListener("queue", () => this.refresh())
    setTimeout(() => this.refresh())
  }

  async refresh() {
    const items = await Items.all()
    for (const { key, record, state } of items) {
      if (!this.rows.has(key)) this.rows.set(key, this.add(key, record, state))
      this.say(this.rows.get(key), state, record.refused)
    }
    // What has gone meanwhile stays as sent, so that nothing moves under a finger.
    for (const [key, row] of this.rows) if (!items.some(item => item.key === key)) this.say(row, "sent")
    this.querySelector("[data-empty]").hidden = this.rows.size > 0
  }

  add(key, record, state) {
    const row = document.importNode(this.querySelector("template").content, true).firstElementChild
    const mine = state !== "other" // where somebody else was is not this person's business
    row.querySelector("[data-place]").textContent = mine && String(record.label || record.place || "") || ""
    if (Number.isFinite(record.pressed)) {
      row.querySelector("time").textContent = Items.time(record, { month: "long", day: "numeric" })
    }
    row.querySelector("button").addEventListener("click", async () => {
      await Items.settle({ key }, "read")
      this.rows.delete(key)
      row.remove()
      this.refresh()
    })
    return this.querySelector("ul").appendChild(row)
  }

  say(row, state, reason) {
    row.dataset.state = state
    row.querySelector("[data-state]").textContent = this.getAttribute(state) || ""
    row.querySelector("[data-reason]").textContent = state === "refused" && reason || ""
    row.querySelector("button").hidden = state !== "refused" && state !== "broken"
  }
}
customElements.define("queue-list", QueueList)
