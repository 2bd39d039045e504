// <map-links>: outside WeChat and QQ, where it can, Amap's link opens the app itself.
class MapLinks extends HTMLElement {
  connectedCallback() {
    if (/MicroMessenger|QQ\//i.test(navigator.userAgent)) return
    const amap = this.querySelector("[href*='uri.amap.com']")
    if (amap) amap.href = amap.href.replace("callnative=0", "callnative=1")
  }
}
customElements.define("map-links", MapLinks)
