import { isIP } from 'node:net'

/** Why a text is no network in CIDR notation; undefined when it is one. */
export function refuseCidr(text: string): string | undefined {
  const [address = '', bits = '', rest] = text.split('/')
  const family = isIP(address)
  // A zone (`%eth0`) is an address to Node, and a syntax error in pg_hba.conf.
  if (family === 0 || address.includes('%') || rest !== undefined || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return 'Must be a network in CIDR notation, such as 10.0.0.0/8 or 2001:db8::/32'
  return undefined
}
