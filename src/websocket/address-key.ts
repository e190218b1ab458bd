const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i
/** Groups of the prefix that one customer has: a /64 (RFC 6177 section 2). */
const PREFIX_GROUPS = 4

/**
 * What counts as one address: an IPv4 address, or the /64 network of an IPv6 address.
 *
 * One customer has a whole /64, so single IPv6 addresses are no measure of anything. IPv4 addresses that are written as IPv6
 * (RFC 4291 section 2.5.5.2) count as IPv4.
 *
 * @param ip as the platform tells it; what is no address is returned as it is.
 */
export function addressKey(ip: string): string {
  if (!ip.includes(':')) return ip
  const mapped = MAPPED_IPV4.exec(ip)
  if (mapped !== null) return mapped[1]!
  const address = ip.split('%', 1)[0]!.toLowerCase()
  const [head = '', tail] = address.split('::', 2)
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':')
    while (groups.length + last.length < 8) groups.push('0')
    groups.push(...last)
  }
  const prefix = groups.slice(0, PREFIX_GROUPS).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${prefix.join(':')}::/64`
}
