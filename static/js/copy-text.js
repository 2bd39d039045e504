// <copy-text done="…" failed="…"> with a text to read and a hidden button: the button is shown, and puts the text where
// it can be pasted. Where the browser has no way to do that (not https, old phones) the text is marked for the person.
class CopyText extends HTMLElement {
  connectedCallback() {
    const text = this.querySelector("textarea")
    const button = this.querySelector("button")
    const said = button.querySelector("span")
    text.rows = 1
    text.style.height = text.scrollHeight + "px"
    button.hidden = false
    button.addEventListener("click", async () => {
      text.select()
      said.textContent = this.getAttribute(await this.copy(text.value) ? "done" : "failed")
    })
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      try { return document.execCommand("copy") } catch { return false }
    }
  }
}
customElements.define("copy-text", CopyText)
