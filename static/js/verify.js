// <verify-desk shop="SH001"> asks about what the scanner reads and shows the answer over the whole screen, so that the
// camera is ready for the next one. Without a network it says so, in another colour, and keeps the code for later.
// On the page that the phone keeps for that it has no shop: it is that of the last time, if the same person was there.
const TOLD = ["shop", "label", "name", "day", "colour"]

class VerifyDesk extends HTMLElement {
  connectedCallback() {
    this.answer = this.querySelector(".answer")
    this.scanner = this.querySelector("code-scanner")
    this.opened = Date.now()
    if (!this.hasAttribute("shop")) return this.recall()
    const known = { who: Items.cookie("who") }
    for (const name of TOLD) known[name] = this.getAttribute(name)
    Drawers.set("counter", known)
    this.begin()
  }

  async recall() {
    const known = await Drawers.get("counter")
    const asked = new URLSearchParams(location.search).get("shop")
    if (!known || !known.who || known.who !== Items.cookie("who") || asked && asked !== known.shop) return this.remove()
    for (const name of TOLD) this.setAttribute(name, known[name])
    const say = (name, what) => {
      const part = this.querySelector(`[data-part=${name}]`)
      part.textContent = part.dataset.words.replace(/{\w+}/, what)
      return part
    }
    say("where", known.name)
    const { shop, client_id } = this.querySelector("form").elements
    shop.value = known.shop
    client_id.value = Items.random()
    if (known.day === Server.local(Date.now() + (await Server.offset() || 0)).slice(0, 10)) {
      const dot = say("today", this.dataset[known.colour]).previousElementSibling
      dot.className += " day-" + known.colour
      dot.hidden = false
    }
    this.nextElementSibling.hidden = true
    this.begin()
  }

  begin() {
    this.addEventListener("scanned", event => {
      event.preventDefault()
      const { text, how } = event.detail
      // A scanner that types is aimed by hand: another code than the one that was answered stands for Next.
      if (!this.scanner.busy || how === "keys" && !this.asking && text !== this.code) this.ask(text)
    })
    this.answer.addEventListener("click", event => {
      if (!event.target.closest("[data-next]")) return
      event.preventDefault()
      this.answer.hidden = true
      this.scanner.busy = false
      // Offers and colour are told anew now and then; but a camera that looks goes on looking, and offline the page stays.
      if (Date.now() - this.opened > 36e5 && navigator.onLine && !this.scanner.wanted) location.reload()
    })
    const typed = this.querySelector("form[action='/redemptions/']")
    if (typed) typed.addEventListener("submit", event => {
      event.preventDefault()
      this.check(typed)
    })
    const looks = this.querySelector("form[action='/verify/looks']")
    looks.addEventListener("click", ({ target }) => { this.n = Number((target.closest("[name=n]") || {}).value) || this.n })
    looks.addEventListener("submit", event => {
      event.preventDefault()
      this.look(looks).catch(() => {
        // Sent by a script a form forgets which of its buttons was pressed.
        looks.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "n", value: this.n }))
        looks.submit()
      })
    })
    // What the phone's own scanner brought, by way of the page that any code opens.
    let brought = location.hash.slice(1)
    if (!brought) return
    try { brought = decodeURIComponent(brought) } catch {}
    history.replaceState(null, "", location.pathname + location.search)
    this.ask(brought)
  }

  // What the server says to these fields. No network and no answer in time are status 0.
  async post(fields) {
    const PATIENCE = 5000
    const stop = new AbortController()
    const tooLate = setTimeout(() => stop.abort(), PATIENCE)
    try {
      const { status, redirected, text } = await fetch("/redemptions/", {
        method: "POST",
        credentials: "same-origin",
        headers: { "X-Fragment": "1", "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(fields).toString(),
        signal: stop.signal,
      }).then(async got => ({ status: got.status, redirected: got.redirected, text: await got.text() }))
      return { status: redirected ? 303 : status >= 500 ? 0 : status, text }
    } catch {
      return { status: 0 }
    } finally {
      clearTimeout(tooLate)
    }
  }

  // From the question to the answer nothing else is asked.
  async busy(work) {
    this.asking = this.scanner.busy = this.answer.hidden = true
    try { await work() } finally {
      this.asking = false
      this.scanner.busy = !this.answer.hidden
    }
  }

  ask(code) {
    const client_id = Items.random()
    const place = this.getAttribute("shop")
    this.code = code
    return this.busy(async () => {
      const { status, text } = await this.post({ shop: place, code, client_id })
      if (status === 200) this.show(text)
      else if (!status || status === 429) await this.keep(code, client_id, place)
      // The shift is over, or somebody took this device back: the page says which.
      else location.assign("/verify?shop=" + encodeURIComponent(place))
    })
  }

  // What was typed stays until it has been answered, and pressing again is the same press.
  check(form) {
    const { client_id, last4, digits } = form.elements
    return this.busy(async () => {
      const { status, text } = await this.post(new FormData(form))
      if (status !== 200 && status) return form.submit()
      this.show(status ? text : this.querySelector("template[data-typed]").innerHTML)
      if (!status) return
      last4.value = digits.value = ""
      client_id.value = Items.random()
    })
  }

  // Cards that were looked at: kept first, then sent, so that a press in a cellar is not lost.
  async look(form) {
    const { client_id } = form.elements
    const fields = { client_id: client_id.value, place: this.getAttribute("shop"), n: this.n, label: `${this.getAttribute("label")} +${this.n}` }
    client_id.value = Items.random()
    const record = await Items.record("look", fields)
    const kept = await Items.put(record)
    if (await Queue.send([{ key: Items.key(record), record }]) === 200) return location.reload()
    for (const told of form.querySelectorAll("[data-when]")) told.hidden = told.dataset.when !== (kept === "full" ? "full" : "kept")
    Queue.later()
  }

  async keep(code, client_id, place) {
    const record = await Items.record("redemption", { client_id, place, code, label: this.getAttribute("label") })
    const kept = await Items.put(record)
    this.show(this.querySelector(kept === "full" ? "template[data-full]" : "template[data-late]").innerHTML)
    Queue.later()
  }

  show(html) {
    this.answer.innerHTML = html
    this.answer.hidden = false
    // What the answer knows better than the page: how many were served, what is left.
    for (const told of this.answer.querySelectorAll("[data-told]")) {
      const before = this.querySelector(`[data-told="${told.dataset.told}"]`)
      if (before) before.textContent = told.textContent
    }
    if (this.answer.querySelector(".unlit") && this.scanner.sound) this.scanner.sound(false)
    const heading = this.answer.querySelector(".verdict")
    heading.tabIndex = -1
    heading.focus()
  }
}
customElements.define("verify-desk", VerifyDesk)
