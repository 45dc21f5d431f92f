const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** 24 characters that nobody mistakes for others: 139 bits. */
export function newPassword(): string {
  // A byte beyond the last whole multiple would make some letters likelier.
  const bound = 256 - 256 % letters.length
  let text = ''
  while (text.length < 24) {
    const [byte = bound] = crypto.getRandomValues(new Uint8Array(1))
    if (byte < bound)
      text += letters[byte % letters.length]
  }
  return text
}
