// A QR code of one size, 33 by 33, for `HTTPS://HOST/C#` and the card's characters (ISO/IEC 18004, version 4, mask 0). It
// knows no other: a card's code is always as long. Letters and digits are packed two in 11 bits; only the # needs eight.
const CardQR = (() => {
  const SIZE = 33
  const CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
  // Level M; where the host's name is too long for it, level L: bytes, those of correction in a block, blocks, format.
  const LEVELS = [[64, 18, 2, 0x5412], [80, 20, 1, 0x77c4]]

  const exp = [], log = []
  for (let i = 0, x = 1; i < 255; i++) {
    exp[i] = x
    log[x] = i
    x = x << 1 ^ (x > 127 ? 285 : 0)
  }
  const times = (a, b) => a && b ? exp[(log[a] + log[b]) % 255] : 0

  const binary = (value, length) => value.toString(2).padStart(length, "0")

  function alphanumeric(text) {
    let bits = "0010" + binary(text.length, 9)
    for (let i = 0; i < text.length; i += 2) {
      const [one, two] = [...text.substr(i, 2)].map(character => CHARACTERS.indexOf(character))
      bits += two === undefined ? binary(one, 6) : binary(one * 45 + two, 11)
    }
    return bits
  }

  // The text as bits: what can be packed, a # between as a byte of its own.
  const packed = text => text.split("#").map(alphanumeric).join("0100" + binary(1, 8) + binary(35, 8))

  function filled(bits, length) {
    bits += "0000".slice(0, Math.max(0, length * 8 - bits.length))
    bits += "0".repeat((8 - bits.length % 8) % 8)
    const bytes = bits.match(/.{8}/g).map(byte => parseInt(byte, 2))
    for (let pad = 236; bytes.length < length; pad ^= 253) bytes.push(pad)
    return bytes
  }

  // What is left of the data divided by the generator (Reed and Solomon).
  function correction(data, length) {
    let divisor = [1]
    for (let i = 0; i < length; i++) {
      const next = divisor.concat(0)
      divisor.forEach((factor, j) => { next[j + 1] ^= times(factor, exp[i]) })
      divisor = next
    }
    const rest = data.concat(new Array(length).fill(0))
    for (let i = 0; i < data.length; i++) {
      const lead = rest[i]
      divisor.forEach((factor, j) => { rest[i + j] ^= times(factor, lead) })
    }
    return rest.slice(data.length)
  }

  const inTurns = blocks => blocks[0].reduce((all, _, i) => all.concat(blocks.map(block => block[i])), [])

  function drawn(bits, format) {
    const grid = Array.from({ length: SIZE }, () => [])
    const set = (x, y, dark) => { if (grid[y] && x >= 0 && x < SIZE) grid[y][x] = Boolean(dark) }
    for (let i = 0; i < SIZE; i++) {
      set(6, i, i % 2 === 0)
      set(i, 6, i % 2 === 0)
    }
    const square = (cx, cy, reach, light) => {
      for (let dy = -reach; dy <= reach; dy++) for (let dx = -reach; dx <= reach; dx++) {
        set(cx + dx, cy + dy, light.indexOf(Math.max(Math.abs(dx), Math.abs(dy))) < 0)
      }
    }
    for (const [x, y] of [[3, 3], [SIZE - 4, 3], [3, SIZE - 4]]) square(x, y, 4, [2, 4])
    square(26, 26, 2, [1])
    for (let i = 0; i < 15; i++) {
      const dark = format >> i & 1
      if (i < 8) set(8, i < 6 ? i : i + 1, dark)
      else set(i === 8 ? 7 : 14 - i, 8, dark)
      if (i < 8) set(SIZE - 1 - i, 8, dark)
      else set(8, SIZE - 15 + i, dark)
    }
    set(8, SIZE - 8, true)
    let n = 0
    for (let right = SIZE - 1; right > 0; right -= 2) {
      if (right === 6) right = 5
      for (let i = 0; i < SIZE; i++) for (const x of [right, right - 1]) {
        const y = right + 1 & 2 ? i : SIZE - 1 - i
        if (grid[y][x] === undefined) grid[y][x] = (bits[n++] === "1") !== ((x + y) % 2 === 0)
      }
    }
    return grid
  }

  return {
    side: SIZE + 8,

    // Rows of true and false. Throws RangeError for a text that has no place.
    grid(text) {
      const bits = packed(text)
      const level = LEVELS.find(([length]) => bits.length <= length * 8)
      if (!level) throw new RangeError(text)
      const [length, corrected, blocks, format] = level
      const data = filled(bits, length)
      const parts = Array.from({ length: blocks }, (_, i) => data.slice(i * length / blocks, (i + 1) * length / blocks))
      const all = inTurns(parts).concat(inTurns(parts.map(part => correction(part, corrected))))
      return drawn(all.map(byte => binary(byte, 8)).join(""), format)
    },

    // The dark runs as one path, four modules of quiet around them.
    path: text => CardQR.grid(text).map((row, y) => {
      let runs = ""
      for (let x = 0; x < SIZE; x++) {
        const start = x
        while (row[x]) x++
        if (x > start) runs += `M${start + 4} ${y + 4}.5h${x - start}`
      }
      return runs
    }).join(""),
  }
})()
