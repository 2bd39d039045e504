// The card as it lies on this phone: shown without network as it was last known, brought up to date when there is one.
// Keys are no text: they lie in the database alone, and where there is none there is no card on the phone.
const Card = {
  async get() {
    const card = await Drawers.keys.get("card").catch(() => {})
    const who = Items.cookie("who")
    return card && card.key && !Items.cookie("leave") && (!who || who === card.who) ? card : null
  },
  put: card => Drawers.keys.set("card", card),
  take: () => Drawers.keys.delete("card").catch(() => {}),
  post: (path, told) => Server.ask(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told),
  }),
}

customElements.define("card-face", class extends HTMLElement {
  async connectedCallback() {
    this.piece = name => this.querySelector(`[data-part="${name}"]`)
    this.offset = await Server.offset() || 0
    this.card = CardCode.works ? await Card.get() : null
    this.state = this.card ? "" : CardCode.works ? "none" : "unable"
    this.show()
    document.addEventListener("visibilitychange", () => this.wake())
    addEventListener("online", () => this.refresh())
    this.wake()
    if (CardCode.works) this.refresh()
  }

  wake() {
    this.tick()
    if (document.hidden || !this.card || !navigator.wakeLock) return
    navigator.wakeLock.request("screen").catch(() => {})
  }

  now() { return Date.now() + this.offset }

  today() { return Number(Server.local(this.now()).slice(0, 10).replace(/-/g, "")) }

  stateNow() {
    if (!this.card) return this.state
    const { state, validTo } = this.card
    return state === "active" && validTo < this.today() ? "expired" : state
  }

  show() {
    const state = this.stateNow()
    this.shown = state
    this.piece("face").hidden = this.piece("under").hidden = state !== "active"
    for (const told of this.querySelectorAll("[data-when]")) told.hidden = !told.dataset.when.split(" ").includes(state)
    if (state !== "active") return
    const { name, number, validTo, checked } = this.card
    const words = (text, told) => text.replace(/\{(\w)\}/g, (_, key) => told[key])
    const month = { y: Math.floor(validTo / 10000), m: Math.floor(validTo / 100) % 100 }
    this.piece("name").textContent = name
    this.piece("until").textContent = words(this.dataset.until, month)
    this.piece("number").textContent = "No." + number.slice(8, 14)
    this.piece("checked").textContent = words(this.dataset.checked, { t: Server.local(checked).slice(5, 16).replace("T", " ") })
    this.day = this.step = null
    this.tick()
  }

  tick() {
    clearTimeout(this.timer)
    if (document.hidden || !this.isConnected || !this.card) return
    const now = this.now()
    if (this.stateNow() !== this.shown) return this.show()
    if (this.shown === "active") this.draw(now)
    this.timer = setTimeout(() => this.tick(), 1000 - now % 1000)
  }

  draw(now) {
    const left = 30 - Math.floor(now / 1000) % 30
    this.piece("clock").textContent = Server.local(now).slice(11, 19)
    this.piece("left").textContent = left
    this.piece("ring").setAttribute("stroke-dasharray", `${left * 3.98} 119.4`)
    if (this.day !== this.today()) {
      this.day = this.today()
      const colour = this.card.colours[this.day] || "none"
      this.piece("day").className = "day day-" + colour
      this.piece("colour").textContent = this.dataset[colour]
      this.piece("old").hidden = colour !== "none"
    }
    const step = Math.floor(now / 30000)
    if (step !== this.step) this.drawCode(this.step = step)
  }

  async drawCode(step) {
    const { key, code } = this.card
    const [payload, number] = await Promise.all([
      CardCode.payload(key, code, step), CardCode.number(key, code, Math.floor(step / 2)),
    ])
    if (step !== this.step) return
    let path
    try { path = CardQR.path(`${location.origin.toUpperCase()}/C#${payload}`) } catch { path = CardQR.path(payload) }
    this.piece("qr").setAttribute("d", path)
    this.piece("digits").textContent = number.replace(/(..)(?=.)/g, "$1 ")
    this.dataset.payload = payload
  }

  // One contact: what has become of the card, the colours of two weeks, the time.
  async refresh() {
    const card = this.card
    const { status, said } = await Server.ask("/card/mine" + (card ? "?key=" + card.code : ""))
    this.offset = await Server.offset() || 0
    if (status !== 200 || !said.who) return
    if (card && card.who === said.who) {
      if (said.key === "alive") await this.learn(card, said)
      else {
        await Card.take()
        this.card = null
      }
    }
    if (!this.card) this.state = said.state === "active" ? "elsewhere" : said.state
    this.show()
  }

  async learn(card, said) {
    const { state, name, number, colours } = said
    Object.assign(card, { state, name, number, colours, validTo: said.valid_to, checked: this.now() })
    if (said.kid !== card.kid) await this.takeUp(card, said)
    await Card.put(card).catch(() => {})
  }

  // The server has another half: the key is made anew, and taken when both have the same.
  async takeUp(card, { kid, half }) {
    try {
      const key = await CardCode.keyOf(card.half, CardCode.bytesOf(half), card.code, card.device)
      const check = CardCode.text(await CardCode.check(key))
      const { status, said } = await Card.post("/card/kid", { code: card.code, kid, check })
      if (status === 200 && said.taken) Object.assign(card, { key, kid })
    } catch {}
  }
})
