// Reads one picture after another: the text of the QR code in it, or "". In a worker, so that the page stays smooth; a
// browser that cannot have one loads this into the page.
const readCode = picture => {
  try { return self.decodeQR(picture, { timeLimit: picture.patience }) } catch { return "" }
}
if (!self.document) onmessage = ({ data }) => postMessage(readCode(data))
