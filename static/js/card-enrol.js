// <card-enrol>: the button that makes this phone's half of the key and shows it to the server. A half that was made is
// kept until the server has answered for it, so that pressing again is the same phone again.
customElements.define("card-enrol", class extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button")
    if (!CardCode.works) return this.say("unable")
    this.button.hidden = false
    this.button.addEventListener("click", () => this.press())
  }

  say(what) {
    for (const told of this.querySelectorAll("[data-when]")) told.hidden = told.dataset.when !== what
    this.button.disabled = what === "busy"
  }

  async press() {
    this.say("busy")
    try { await this.enrol() } catch { this.say("failed") }
  }

  async pair() {
    const kept = await Drawers.keys.get("card-new")
    if (kept && kept.privateKey) return kept
    const made = await CardCode.newPair()
    await Drawers.keys.set("card-new", made)
    return made
  }

  async enrol() {
    const { kid, half } = this.dataset
    const pair = await this.pair()
    const { status, said } = await Card.post("/card/keys", {
      public: CardCode.text(await CardCode.publicOf(pair)), kid, client_id: Items.random(),
    })
    if (status === 409) {
      this.querySelector("[data-part=why]").textContent = said.message
      return this.say("refused")
    }
    // It took longer than a proof of who one is counts: once more, and back to this page.
    if (status === 401) return location.assign("/prove?next=/card/activation")
    if (status !== 200) return this.say("failed")
    const key = await CardCode.keyOf(pair.privateKey, CardCode.bytesOf(half), said.code, said.device_id)
    if (CardCode.text(await CardCode.check(key)) !== said.kcv) return this.say("failed")
    const { code, state, name, number, colours, who } = said
    await Card.put({
      v: 1, who, kid, key, half: pair.privateKey, code, device: said.device_id, state, name, number, colours,
      validTo: said.valid_to, checked: Date.now() + (await Server.offset() || 0),
    })
    await Drawers.keys.delete("card-new")
    if (navigator.storage && navigator.storage.persist) await navigator.storage.persist().catch(() => {})
    location.assign("/card")
  }
})
