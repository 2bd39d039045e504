// The codes of a card (security.md §2), as models/card_code.py makes them: tests/vectors/card.json holds both to the same.
// The keys never leave the browser: not even this page can read them, it can only ask for a signature.
const CardCode = (() => {
  const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
  const CURVE = { name: "ECDH", namedCurve: "P-256" }
  const SHA = "SHA-256"
  const subtle = self.crypto && crypto.subtle
  const bytes = text => new TextEncoder().encode(text)

  function crockford(value, length) {
    let text = ""
    for (; length; length--, value = Math.floor(value / 32)) text = LETTERS[value % 32] + text
    return text
  }

  async function mac(key, label, count) {
    const data = new Uint8Array(label.length + 8)
    data.set(bytes(label))
    new DataView(data.buffer).setUint32(label.length, Math.floor(count / 4294967296))
    new DataView(data.buffer).setUint32(label.length + 4, count)
    return new Uint8Array(await subtle.sign("HMAC", key, data))
  }

  return {
    // Without a secure context there is none of this.
    works: Boolean(subtle && self.indexedDB && self.TextEncoder),
    newPair: () => subtle.generateKey(CURVE, false, ["deriveBits"]),
    publicOf: async pair => new Uint8Array(await subtle.exportKey("raw", pair.publicKey)),

    // The key that the phone's half and the server's make together; it signs and cannot be taken out.
    async keyOf(half, ours, code, device, what = "rider-card-v1") {
      const theirs = await subtle.importKey("raw", ours, CURVE, false, [])
      const bits = await subtle.deriveBits({ name: "ECDH", public: theirs }, half, 256)
      const shared = await subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"])
      const how = { name: "HKDF", hash: SHA, salt: new Uint8Array(0), info: bytes(`${what}|${code}|${device}`) }
      return subtle.deriveKey(how, shared, { name: "HMAC", hash: SHA, length: 256 }, false, ["sign"])
    },

    // Four bytes by which both sides see that they have the same key.
    check: async key => new Uint8Array(await subtle.sign("HMAC", key, bytes("kcv"))).slice(0, 4),

    // 32 characters (a station's screen: 30); 80 bits of the signature make 16 of them, five bits each.
    async payload(key, code, step, mark = "C1", label = "qr1") {
      const tag = await mac(key, `${label}|${code}|`, step)
      let bits = 0, left = 0, text = ""
      for (const byte of tag.subarray(0, 10)) {
        bits = bits << 8 | byte
        for (left += 8; left >= 5;) text += LETTERS[bits >> (left -= 5) & 31]
        bits &= 31
      }
      return mark + code + crockford(step, 6) + text
    },

    // Six digits for typing (RFC 4226 §5.3).
    async number(key, code, minute) {
      const hash = await mac(key, `num1|${code}|`, minute)
      const value = new DataView(hash.buffer).getUint32(hash[31] & 15) & 0x7fffffff
      return String(value % 1000000).padStart(6, "0")
    },

    text: raw => btoa(String.fromCharCode(...raw)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, ""),
    bytesOf: text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0)),
  }
})()
