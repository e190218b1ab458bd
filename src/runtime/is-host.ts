// RFC 3986 section 3.2.2: reg-name, IPv4 or bracketed IPv6, and a port; no userinfo.
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(?::[0-9]*)?$/

/** Whether a host is well formed. A URL can be made of it then: `c.url` does not throw for what a client sent. */
export function isHost(host: string): boolean {
  return HOST.test(host) && URL.canParse(`http://${host}/`)
}
