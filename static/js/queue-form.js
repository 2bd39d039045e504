// <queue-form kind="visit" place="YZ023"> lets its form be pressed without a network: the press is kept first, then sent,
// and the page shows only what the server has said about this very press, or that it waits.
// Where anything is missing the form goes its plain way, with its client_id filled in.
class QueueForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.main = this.closest("main")
    // The page for a station never opened on this phone knows it by the address alone.
    const known = this.getAttribute("place")
    this.place = known || decodeURIComponent(location.pathname.split("/")[2] || "")
    if (!known && this.place) {
      this.hidden = false
      this.form.action = `/stations/${encodeURIComponent(this.place)}/visits`
      this.form.elements.via.value = this.place
    }
    // A station's screen has its code behind the #: it goes with the press, and not into the history.
    if (/^#P1\w{28}$/.test(location.hash)) {
      this.form.elements.via.value = location.hash.slice(1)
      history.replaceState(null, "", location.pathname + location.search)
    }
    if (!Items.cookie("device")) {
      const secure = location.protocol === "https:" ? "; Secure" : ""
      document.cookie = `device=${Items.random()}; Max-Age=15552000; Path=/; SameSite=Lax${secure}`
    }
    this.clientId = this.form.elements.client_id
    // A page that was gone back to is pressed anew.
    this.clientId.value = ""
    addEventListener("pageshow", ({ persisted }) => { if (persisted) this.clientId.value = "" })
    this.form.addEventListener("submit", event => this.submit(event))
    addEventListener("queue", ({ detail }) => detail.key === this.key && this.show(detail.result, detail.message))
    // So that the press itself need not ask for the time first.
    afterLoad(() => Server.ask("/healthz"))
  }

  submit(event) {
    const again = this.clientId.value
    if (!again) this.clientId.value = Items.random()
    if (!self.fetch || !self.AbortController) return
    event.preventDefault()
    if (!again) this.press().catch(() => this.form.submit())
  }

  async press() {
    this.form.setAttribute("aria-busy", "true")
    let kept = "page-only"
    const patience = setTimeout(() => this.show(kept), 4000)
    const { client_id, via, digits } = this.form.elements
    const fields = { client_id: client_id.value, place: this.place, via: via.value, digits: digits ? digits.value : "", label: this.getAttribute("label") || "" }
    const record = this.record = await Items.record(this.getAttribute("kind"), fields)
    kept = await Items.put(record)
    const item = { record, key: this.key = Items.key(record) }
    let status = await Queue.send([item])
    if (status === 401 && record.who) {
      // The session has ended: it counts for this phone, as the plain form would.
      record.who = ""
      this.signedOut = true
      await Items.put(record)
      status = await Queue.send([item])
    }
    clearTimeout(patience)
    if (status === 200) return Queue.flush()
    this.show(kept)
    Queue.later()
  }

  // What waits may become counted while the page is open; what the server has said stands.
  show(result, message) {
    const template = this.querySelector(`template[data-result="${result}"]`)
    if (!template || this.settled || this.shown === result) return
    this.shown = result
    this.settled = !["queued", "page-only", "full"].includes(result)
    const view = document.importNode(template.content, true)
    const each = (name, act) => view.querySelectorAll(name).forEach(act)
    const heading = view.querySelector("h1")
    each("[data-message]", place => {
      // What the heading says already is not said twice.
      if (!message || message === heading.textContent) return
      place.textContent = message
      place.hidden = false
    })
    if (this.record) each("[data-time]", place => { place.textContent = Items.time(this.record) })
    if (this.signedOut || !Items.cookie("who")) each("[data-signed-out]", offer => { offer.hidden = false })
    const next = document.querySelector(".looks [name=next]")
    if (next && this.settled && result !== "refused") next.value = `/s/${this.place}?noted=${result === "cool-down" ? result : "accepted"}`
    onbeforeunload = result === "page-only" ? event => { event.preventDefault(); return event.returnValue = " " } : null

    const { activeElement, body } = document
    const follow = activeElement === body || this.main.contains(activeElement)
    body.className = template.dataset.body || body.className
    this.main.textContent = ""
    this.main.appendChild(view)
    if (!follow) return
    heading.tabIndex = -1
    heading.focus()
  }
}
customElements.define("queue-form", QueueForm)
