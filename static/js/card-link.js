// <card-link>: its link takes what stands behind the # of this page along, in this page only: no server sees it.
customElements.define("card-link", class extends HTMLElement {
  connectedCallback() {
    const link = this.querySelector("a")
    const set = () => { link.hash = location.hash }
    set()
    addEventListener("hashchange", set)
  }
})
