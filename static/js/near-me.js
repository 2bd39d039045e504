// <near-me failed="…"> asks the phone once where it is, rounds that to about a hundred metres and shows what is near.
// Shown only where the phone can be asked; the towns below it work everywhere.
class NearMe extends HTMLElement {
  connectedCallback() {
    let position
    try { position = navigator.geolocation } catch { /* some browsers throw instead of saying no */ }
    if (!position) return
    this.hidden = false
    const button = this.querySelector("button")
    const notice = this.querySelector(".notice")
    const failed = () => {
      button.disabled = false
      notice.hidden = false
      notice.textContent = this.getAttribute("failed")
    }
    button.addEventListener("click", () => {
      button.disabled = true
      const timer = setTimeout(failed, 9000) // where the answer never comes
      position.getCurrentPosition(({ coords }) => {
        clearTimeout(timer)
        location.href = `/stations/?near=${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`
      }, () => { clearTimeout(timer); failed() }, { timeout: 8000, maximumAge: 300000, enableHighAccuracy: false })
    })
  }
}
customElements.define("near-me", NearMe)
