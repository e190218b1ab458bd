import { BlockList, isIP } from 'node:net'
import { GoWebError } from '../errors/goweb-error.ts'
import { ForwardedRequest } from './forwarded-request.ts'
import type { IncomingRequest } from './incoming-request.ts'
import { parseForwarded, parseXForwarded, type ForwardedElement } from './parse-forwarded.ts'

/** Which proxies are believed when they say whom they speak for. */
export interface ProxyOptions {
  /**
   * The proxies: addresses, networks such as `10.0.0.0/8`, or one of the names `loopback` (127.0.0.0/8, ::1), `private` (RFC 1918,
   * RFC 6598, RFC 4193 and link-local addresses) and `unix` (peers on a UNIX socket). Or how many of them are in front of the server,
   * whatever their addresses: right only if nothing but the nearest of them can reach it.
   */
  readonly trust: readonly string[] | number
  /**
   * What they write: `x-forwarded` for `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`, or `forwarded` for `Forwarded`
   * (RFC 7239). Only one of the two is read, since a proxy that writes one passes on the other as the client sent it. Default: `x-forwarded`.
   */
  readonly header?: 'x-forwarded' | 'forwarded'
}

const NETWORKS: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', ['127.0.0.0/8', '::1/128']],
  [
    'private',
    [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '100.64.0.0/10',
      '169.254.0.0/16',
      'fc00::/7',
      'fe80::/10',
    ],
  ],
])

/** A host with or without a port (RFC 9110 section 7.2), as far as browsers send such. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i
const WITH_PORT = /^(?:\[([^\]]*)\]|([^:]*))(?::[\w.-]+)?$/
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i

/** Finds out whom a request is really from, as far as its proxies can be believed. */
export class ProxyTrust {
  readonly #networks = new BlockList()
  readonly #trustsUnix: boolean
  readonly #hops: number
  readonly #readsForwarded: boolean

  /** @throws `OPTION_INVALID` */
  constructor(options: ProxyOptions) {
    if (typeof options !== 'object' || options === null)
      throw invalid('expected settings such as { trust: 1 }')
    for (const name of Object.keys(options)) {
      if (name !== 'trust' && name !== 'header')
        throw invalid(`there is no setting ${name}, but trust, header`)
    }
    const { trust, header = 'x-forwarded' } = options
    if (header !== 'x-forwarded' && header !== 'forwarded') {
      throw invalid(`header: expected x-forwarded or forwarded, got ${JSON.stringify(header)}`)
    }
    this.#readsForwarded = header === 'forwarded'
    this.#hops = typeof trust === 'number' ? trust : 0
    if (typeof trust === 'number') {
      if (!Number.isSafeInteger(trust) || trust < 1) {
        throw invalid(`trust: expected the number of proxies in front, from 1 on, got ${trust}`)
      }
    } else if (!Array.isArray(trust) || trust.length === 0) {
      throw invalid('trust: expected a list of addresses and networks, or how many proxies are in front')
    }
    const names: readonly unknown[] = typeof trust === 'number' ? [] : trust
    this.#trustsUnix = names.includes('unix')
    for (const name of names) if (name !== 'unix') this.#addNetwork(name)
  }

  /** The request as it reached the outermost proxy that is trusted; itself where its peer is not. */
  apply(request: IncomingRequest): IncomingRequest {
    const peer = plainAddress(request.ip)
    if (!this.#isTrusted(peer, 0)) return request
    const elements = this.#elementsOf(request)
    let ip = peer
    let element: ForwardedElement | undefined
    for (let depth = 0; depth < elements.length && this.#isTrusted(ip, depth); depth++) {
      element = elements[elements.length - 1 - depth]
      const next = addressOf(element?.for ?? '')
      // Hidden or unknown: nobody can tell whether what is further out was said by a proxy.
      if (next === undefined) break
      ip = next
    }
    if (element === undefined) return request
    const { proto = '', host = '' } = element
    return new ForwardedRequest(request, {
      ip,
      scheme: schemeOf(proto) ?? request.scheme,
      host: HOST.test(host) && URL.canParse(`http://${host}`) ? host : request.host,
    })
  }

  #elementsOf(request: IncomingRequest): readonly ForwardedElement[] {
    if (this.#readsForwarded) return parseForwarded(request.header('forwarded') ?? '') ?? []
    const addresses = request.header('x-forwarded-for')
    const protos = request.header('x-forwarded-proto')
    const hosts = request.header('x-forwarded-host')
    if (addresses === undefined && protos === undefined && hosts === undefined) return []
    return parseXForwarded(addresses, protos, hosts)
  }

  #isTrusted(ip: string, depth: number): boolean {
    if (this.#hops > 0) return depth < this.#hops
    if (ip === '') return this.#trustsUnix && depth === 0
    const family = isIP(ip)
    return family !== 0 && this.#networks.check(ip, family === 6 ? 'ipv6' : 'ipv4')
  }

  #addNetwork(name: unknown): void {
    const networks = typeof name === 'string' ? (NETWORKS.get(name) ?? [name]) : []
    if (networks.length === 0) throw invalid(`trust: expected addresses, got ${String(name)}`)
    for (const network of networks) {
      const slash = network.indexOf('/')
      const address = plainAddress(slash === -1 ? network : network.slice(0, slash))
      const family = isIP(address)
      const longest = family === 6 ? 128 : 32
      const prefix = slash === -1 ? String(longest) : network.slice(slash + 1)
      if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) {
        throw invalid(
          `trust: expected an address, a network such as 10.0.0.0/8, loopback, private or unix, got ${JSON.stringify(network)}`,
        )
      }
      this.#networks.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4')
    }
  }
}

/** An IPv4 address in IPv6 clothes is one of IPv4. */
function plainAddress(ip: string): string {
  return ip.replace(MAPPED, '')
}

/** The address of a node, with or without port (RFC 7239 section 6); undefined when it is none. */
function addressOf(node: string): string | undefined {
  if (isIP(node) !== 0) return plainAddress(node)
  const parts = WITH_PORT.exec(node)
  const address = parts?.[1] ?? parts?.[2] ?? ''
  return isIP(address) === 0 ? undefined : plainAddress(address)
}

/** Some proxies say of a handshake that it came by `wss`. */
function schemeOf(proto: string): 'http' | 'https' | undefined {
  switch (proto.toLowerCase()) {
    case 'https':
    case 'wss':
      return 'https'
    case 'http':
    case 'ws':
      return 'http'
    default:
      return undefined
  }
}

function invalid(problem: string): GoWebError {
  return new GoWebError('OPTION_INVALID', `proxy: ${problem}`)
}
