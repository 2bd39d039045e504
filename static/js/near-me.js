// <near-me to="…" failed="…"> asks the phone once where it is, rounds that to about a hundred metres and shows the list
// of what is near.
// Its button is shown only where the phone can be asked; the towns below it work everywhere.
// <near-me fragment="…" target="…"> asks only a phone whose owner has allowed it before, and fills in what is near.
class NearMe extends HTMLElement {
  connectedCallback() {
    try { this.geolocation = navigator.geolocation } catch { /* some browsers throw instead of saying no */ }
    if (!this.geolocation) return
    if (this.hasAttribute("fragment")) this.askIfAllowed().catch(() => {})
    else this.offer()
  }

  async askIfAllowed() {
    const { state } = await navigator.permissions.query({ name: "geolocation" })
    if (state !== "granted") return
    const place = await this.ask()
    if (!self.htmx) await new Promise(afterLoad)
    htmx.ajax("GET", this.getAttribute("fragment") + place, { target: this.getAttribute("target") })
  }

  offer() {
    const button = this.querySelector("button")
    const notice = this.querySelector(".notice")
    this.hidden = false
    button.addEventListener("click", async () => {
      button.disabled = true
      try {
        location.href = this.getAttribute("to") + "?near=" + await this.ask()
      } catch {
        button.disabled = false
        notice.hidden = false
        notice.textContent = this.getAttribute("failed")
      }
    })
  }

  // Some phones never answer, whatever time limit they are given.
  ask() {
    return new Promise((found, failed) => {
      setTimeout(failed, 9000)
      this.geolocation.getCurrentPosition(({ coords }) => found(`${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`),
        failed, { timeout: 8000, maximumAge: 300000, enableHighAccuracy: false })
    })
  }
}
customElements.define("near-me", NearMe)
