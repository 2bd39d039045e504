// <code-scanner>: reads QR codes with the camera, a few times a second, or from a photo. How a page uses it is written in
// templates/_scanner.html; what is before its button is pressed, in scan.js.
{
  const EVERY = 125
  const SAME = 3000
  const STUCK = 4000
  const PATIENCE = 3000
  const SIDE = 640
  const PHOTO = [1600, 700]
  const AGAIN = [500, 1000, 2000, 4000]
  const wait = ms => new Promise(done => setTimeout(done, ms))

  // The phone's own reader where it has one; else ours, in a worker; else ours in this page.
  class Reader {
    constructor(script) {
      this.script = script
      this.ready = this.find()
    }

    async find() {
      try {
        const formats = await BarcodeDetector.getSupportedFormats()
        if (formats.includes("qr_code")) this.own = new BarcodeDetector({ formats: ["qr_code"] })
      } catch {}
      if (!this.own) await this.load()
    }

    async load() {
      try {
        this.worker = new Worker(this.script)
      } catch {
        await new Promise((done, failed) => {
          const element = document.createElement("script")
          Object.assign(element, { src: this.script, onload: done, onerror: failed })
          document.head.appendChild(element)
        })
      }
    }

    // Rejects when our own reader could not be loaded; the next call tries anew.
    async read(canvas, patience) {
      try { await this.ready } catch (problem) {
        this.ready = this.find()
        throw problem
      }
      if (this.own) {
        try {
          const [found] = await this.own.detect(canvas)
          return found ? found.rawValue : ""
        } catch {
          // It says that it can, and cannot: some phones.
          this.own = null
          await this.load()
        }
      }
      const { width, height } = canvas
      const { data } = canvas.getContext("2d").getImageData(0, 0, width, height)
      const picture = { width, height, data, patience }
      return this.worker ? this.ask(picture) : readCode(picture)
    }

    // A worker that does not answer is replaced by the next.
    ask(picture) {
      const worker = this.worker
      return new Promise((done, failed) => {
        const late = setTimeout(() => failed(), PATIENCE + picture.patience)
        worker.onmessage = ({ data }) => { clearTimeout(late); done(data) }
        worker.onerror = failed
        worker.postMessage(picture, [picture.data.buffer])
      }).catch(async problem => {
        worker.terminate()
        await wait(1000)
        await this.load()
        throw problem
      })
    }
  }

  class CodeScanner extends HTMLElement {
    connectedCallback() {
      this.canvas = document.createElement("canvas")
      // How many pictures were looked at: told to the bench.
      this.reads = 0
      document.addEventListener("visibilitychange", () => {
        if (document.hidden) this.stop()
        else if (this.wanted) this.start()
      })
      addEventListener("pagehide", () => this.stop())
    }

    open() {
      if (this.wanted) return
      this.wanted = true
      const style = document.createElement("link")
      Object.assign(style, { rel: "stylesheet", href: this.dataset.look })
      this.view = document.createElement("div")
      this.view.appendChild(style)
      this.view.appendChild(document.importNode(this.querySelector("template").content, true))
      this.appendChild(this.view)
      const [button] = this.children
      button.hidden = true
      const find = name => this.view.querySelector(name)
      this.video = find("video")
      this.light = find("[data-light]")
      this.light.addEventListener("click", () => this.torch(!this.lit))
      find("[data-close]").addEventListener("click", () => this.close())
      find("input").addEventListener("change", event => this.photo(event.target))
      this.reader = this.reader || new Reader(this.dataset.worker)
      this.wake()
      this.tries = 0
      this.start()
    }

    close() {
      const [button] = this.children
      const held = this.contains(document.activeElement)
      this.wanted = false
      this.stop()
      if (this.view) this.view.remove()
      this.words("")
      button.hidden = false
      if (held) button.focus()
    }

    async start() {
      this.stop()
      const turn = this.turn
      const { dataset } = this
      let stream
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } } })
      } catch (problem) {
        if (turn !== this.turn) return
        if (/NotAllowed|Security/.test(problem.name)) this.cannot(dataset.refused)
        // A camera that was there a moment ago may come back: another app has it.
        else if (/NotReadable|Abort/.test(problem.name)) this.lost(turn)
        else this.cannot(dataset.none)
        return
      }
      const [track] = stream.getVideoTracks()
      if (turn !== this.turn) {
        track.stop()
        return
      }
      this.track = track
      track.addEventListener("ended", () => this.lost(turn))
      this.view.className = "seeing"
      this.video.srcObject = stream
      this.video.play().catch(() => {})
      this.words(dataset.looking)
      this.light.setAttribute("aria-pressed", false)
      try { this.light.hidden = !track.getCapabilities().torch } catch {}
      this.look(turn)
    }

    stop() {
      this.turn = (this.turn || 0) + 1
      if (this.track) this.track.stop()
      this.track = null
      this.lit = false
    }

    async lost(turn) {
      if (turn !== this.turn) return
      this.stop()
      const mine = this.turn
      if (this.tries === AGAIN.length) {
        this.cannot(this.dataset.lost)
        return
      }
      this.words(this.dataset.lost)
      await wait(AGAIN[this.tries++])
      if (mine === this.turn && this.wanted && !document.hidden) this.start()
    }

    cannot(why) {
      this.view.className = ""
      this.light.hidden = true
      this.words(why)
    }

    async look(turn) {
      let moved = performance.now()
      let before
      let failing = false
      while (turn === this.turn) {
        const began = performance.now()
        const { currentTime } = this.video
        if (currentTime !== before) {
          if (before) this.tries = 0
          before = currentTime
          moved = began
          const text = await this.read(this.video, this.video.videoWidth, this.video.videoHeight).catch(() => null)
          if (turn !== this.turn) return
          if (failing !== (text === null)) {
            failing = !failing
            this.words(failing ? this.dataset.failed : this.dataset.looking)
          }
          if (text) this.seen(text, "camera")
        } else if (began - moved > STUCK) {
          this.lost(turn)
          return
        }
        await wait(Math.max(10, EVERY - (performance.now() - began)))
      }
    }

    // The square that the person sees.
    read(video, width, height) {
      const edge = Math.min(width, height)
      if (!edge) return Promise.resolve("")
      const side = Math.min(edge, SIDE)
      Object.assign(this.canvas, { width: side, height: side })
      const paint = this.canvas.getContext("2d", { willReadFrequently: true })
      paint.drawImage(video, (width - edge) / 2, (height - edge) / 2, edge, edge, 0, 0, side, side)
      this.reads++
      return this.reader.read(this.canvas, 30)
    }

    async photo(input) {
      const [file] = input.files
      input.value = ""
      if (!file) return
      this.words(this.dataset.reading)
      const picture = new Image()
      const url = URL.createObjectURL(file)
      let text = ""
      try {
        await new Promise((done, failed) => Object.assign(picture, { src: url, onload: done, onerror: failed }))
        const { naturalWidth: width, naturalHeight: height } = picture
        for (const most of PHOTO) {
          const scale = Math.min(1, most / Math.max(width, height))
          const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(width * scale), height: Math.round(height * scale) })
          canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height)
          text = text || await this.reader.read(canvas, 500)
        }
      } catch {}
      URL.revokeObjectURL(url)
      this.last = ""
      if (text) this.seen(text, "photo")
      else this.say(this.dataset.unread, false)
    }

    // A code that stays in the picture is one code, until it has been away for a while. Another one that comes while the
    // page is busy with this one is not lost: it is seen when the page has time.
    seen(text, how) {
      if (this.busy && text !== this.last) return
      const now = performance.now()
      const same = text === this.last && now - this.at < SAME
      this.last = text
      this.at = now
      if (same) return
      const { ours, other } = this.dataset
      if (ours && !new RegExp(ours, "i").test(text)) {
        this.say(other, false)
        return
      }
      this.sound(true)
      this.tell(text, how)
    }

    // What the page says to a code: words to read, and a low tone if it was not good.
    say(words, good = true) {
      this.words(words)
      if (!good) this.sound(false)
    }

    words(words) {
      const status = this.children[1]
      status.textContent = words
    }

    // Only a press may wake the sound; later tones then come by themselves.
    wake() {
      try {
        this.audio = this.audio || new (self.AudioContext || self.webkitAudioContext)()
        this.audio.resume()
      } catch {}
    }

    sound(good) {
      try {
        const { audio } = this
        const tone = audio.createOscillator()
        const loud = audio.createGain()
        loud.gain.value = .3
        tone.frequency.value = good ? 1320 : 220
        tone.connect(loud)
        loud.connect(audio.destination)
        tone.start()
        tone.stop(audio.currentTime + (good ? .1 : .3))
      } catch {}
      if (navigator.vibrate) navigator.vibrate(good ? 60 : [60, 60, 60])
    }

    async torch(on) {
      try {
        await this.track.applyConstraints({ advanced: [{ torch: on }] })
        this.lit = on
        this.light.setAttribute("aria-pressed", on)
      } catch { this.light.hidden = true }
    }
  }
  customElements.define("code-scanner", CodeScanner)
}
