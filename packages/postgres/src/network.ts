import { isIP } from 'node:net'

/** Why this is not a network, undefined when it is one. */
export function refuseCidr(cidr: string): string | undefined {
  const [address, bits, ...rest] = cidr.split('/')
  const family = isIP(address ?? '')
  if (family === 0 || bits === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4
    ? 32
    : 128)) {
    return `"${cidr}" is not a network in CIDR notation such as 10.0.0.0/8 or 2001:db8::/32.`
  }
  return undefined
}
