/** Castagnoli's polynomial, reflected. */
const polynomial = 0x82F63B78

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) {
    value = (value & 1) === 0
      ? value >>> 1
      : (value >>> 1) ^ polynomial
  }
  return value
})

/** CRC-32C, as PostgreSQL protects its control file and WAL with. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xFFFFFFFF
  for (const byte of bytes)
    crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xFF] ?? 0)
  return (crc ^ 0xFFFFFFFF) >>> 0
}
