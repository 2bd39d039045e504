// <kiosk-screen>: a station's screen. The one-time link behind the # of its address makes this device the screen; from
// then on opening the page is enough, with a network or without. What it shows stands in the page's templates.
{
  const STEP = 30000
  const CONTACT = 600000
  const PATIENCE = 3 * STEP
  const KIND = "kiosk-v1"
  const wait = ms => new Promise(done => setTimeout(done, ms))
  const post = (path, told) => Server.ask(path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told),
  })

  customElements.define("kiosk-screen", class extends HTMLElement {
    async connectedCallback() {
      const link = location.hash.slice(1)
      if (link) history.replaceState(null, "", location.pathname)
      addEventListener("online", () => this.contact())
      document.addEventListener("visibilitychange", () => this.wake())
      if (!CardCode.works) return this.cannot()
      // After a power cut a slow disk may take a while; only an answer that says "nothing" counts as nothing.
      for (;;) {
        try {
          this.screen = await Drawers.keys.get("kiosk")
          break
        } catch { await wait(2000) }
      }
      if (link) this.offer(link)
      else if (this.screen) this.begin()
      else this.show("nothing")
    }

    show(name) {
      const template = this.querySelector(`template[data-show="${name}"]`)
      for (const old of [...this.children]) if (old.localName !== "template") old.remove()
      this.insertBefore(document.importNode(template.content, true), this.firstChild)
    }

    find(name) { return this.querySelector(name) }

    cannot() {
      this.show("nothing")
      this.find("p").textContent = this.dataset.cannot
    }

    offer(link) {
      this.show("link")
      const button = this.find("button")
      const say = words => {
        this.find("[role=status]").textContent = words
        button.disabled = false
      }
      button.addEventListener("click", async () => {
        button.disabled = true
        try {
          const refused = await this.open(link)
          if (refused) return say(refused)
        } catch { return this.cannot() }
        await Promise.race([navigator.serviceWorker.ready, wait(5000)]).catch(() => {})
        location.replace("/kiosk")
        if (location.pathname === "/kiosk") location.reload()
      })
    }

    // The half of the key is kept before it is told: a link that was pressed twice is the same screen.
    async open(link) {
      const { kid, half, gone, later } = this.dataset
      this.pair = this.pair || await CardCode.newPair()
      const ours = CardCode.text(await CardCode.publicOf(this.pair))
      const { status, said } = await post("/kiosk/screens", { link, kid, half: ours })
      if (status === 409) return said ? said.message : gone
      if (status !== 200) return later
      const key = await CardCode.keyOf(this.pair.privateKey, CardCode.bytesOf(half), said.code, said.device, KIND)
      if (CardCode.text(await CardCode.check(key)) !== said.check) throw new Error("check")
      await Drawers.keys.set("kiosk", { key, code: said.code, station: said.station, name: said.name, name_en: said.name_en })
      if (navigator.storage && navigator.storage.persist) await navigator.storage.persist().catch(() => {})
      return ""
    }

    async begin() {
      this.show("code")
      this.named()
      this.offset = await Server.offset() || 0
      this.drawn = performance.now()
      this.wake()
      this.tick()
      this.keepParts()
      this.contact()
      // Should drawing get stuck, whatever the reason, the page begins anew.
      setInterval(() => { if (this.screen && performance.now() - this.drawn > PATIENCE) location.reload() }, STEP)
      setInterval(() => this.contact(), CONTACT)
    }

    named() {
      const { name, name_en } = this.screen
      const english = document.documentElement.lang === "en"
      this.find("[data-name]").textContent = english && name_en || name
    }

    wake() {
      if (document.hidden || !this.screen || !navigator.wakeLock) return
      navigator.wakeLock.request("screen").catch(() => {})
    }

    tick() {
      if (!this.screen) return
      const now = Date.now() + this.offset
      const step = Math.floor(now / STEP)
      this.find("[data-ring]").setAttribute("stroke-dasharray", `${(STEP - now % STEP) / STEP * 119.4} 119.4`)
      this.find("[data-clock]").textContent = Server.local(now).slice(11, 19)
      if (step !== this.step) this.draw(this.step = step).catch(() => { this.step = null })
      setTimeout(() => this.tick(), 1000 - now % 1000)
    }

    async draw(step) {
      const { key, code, station } = this.screen
      const payload = await CardCode.payload(key, code, step, "P1", "kiosk1")
      const digits = await CardCode.number(key, code, Math.floor(step / 2))
      const svg = this.find("svg.code")
      if (step !== this.step || !svg) return
      this.link = `${location.origin}/S/${station}`.toUpperCase() + "#" + payload
      svg.setAttribute("viewBox", `0 0 ${CardQR.side} ${CardQR.side}`)
      svg.firstElementChild.setAttribute("d", CardQR.path(this.link))
      this.find("[data-digits]").textContent = digits.replace(/(..)(?=.)/g, "$1 ")
      this.payload = payload
      this.drawn = performance.now()
    }

    // Is this still a screen, what is the station called now, and what time is it?
    async contact() {
      if (!this.payload) await wait(500)
      if (!this.screen || !this.payload) return
      const { status, said } = await post("/kiosk/contact", { code: this.payload })
      this.offset = await Server.offset() || 0
      if (status !== 200 || !said || !this.screen) return
      if (said.state === "ended") {
        this.screen = null
        await Drawers.keys.delete("kiosk").catch(() => {})
        this.show("ended")
        return
      }
      const { station, name, name_en } = said
      Object.assign(this.screen, { station, name, name_en })
      this.named()
      Drawers.keys.set("kiosk", this.screen).catch(() => {})
    }

    // What the page is made of, so that it comes up without a network; the page itself the service worker keeps.
    async keepParts() {
      const parts = [...document.querySelectorAll("script[src], link[rel=stylesheet], link[rel=icon]")].map(part => part.src || part.href)
      try {
        const cache = await caches.open("kiosk")
        await cache.addAll(parts)
        for (const kept of await cache.keys()) if (!parts.includes(kept.url)) await cache.delete(kept)
      } catch {}
    }
  })
}
