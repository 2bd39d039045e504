// What a page with a <code-scanner> loads: the scanner itself comes when its button is pressed. Whatever is hidden
// around it is of no use without scripts.
// A scanner that types like a keyboard needs none of it: what it types outside of a field is a code as well.
(() => {
  const scanner = document.querySelector("code-scanner")
  const { script, into, failed } = scanner.dataset
  const [button, status] = scanner.children
  let typed = "", last = 0, loading

  // To the page, which may preventDefault(); else into the field `into`, and its form is sent.
  scanner.tell = (text, how) => {
    const field = document.getElementById(into)
    if (!scanner.dispatchEvent(new CustomEvent("scanned", { bubbles: true, cancelable: true, detail: { text, how } })) || !field) return
    field.value = text
    field.form.submit()
  }

  addEventListener("keydown", event => {
    const { key, target, timeStamp } = event
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return
    // A busy phone may hold a letter back for a while.
    if (timeStamp - last > 500) typed = ""
    last = timeStamp
    if (key.length === 1) typed += key
    if (key !== "Enter" || typed.length < 6) return
    event.preventDefault()
    scanner.tell(typed, "keys")
    typed = ""
  })

  const open = async () => {
    loading = loading || new Promise((done, failed) => {
      const element = document.createElement("script")
      Object.assign(element, { src: script, onload: done, onerror: failed })
      document.head.appendChild(element)
    })
    try { await loading } catch {
      loading = null
      status.textContent = failed
      return
    }
    scanner.open()
  }
  button.hidden = false
  const around = scanner.closest("[hidden]")
  if (around) around.hidden = false
  button.addEventListener("click", open)
  if (scanner.hasAttribute("open")) open()
})()
