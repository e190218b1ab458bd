import { startCaddy } from './caddy-process.ts'
import { NginxProcess } from './nginx-process.ts'
import type { ProxyOptions, RunningProxy } from './running-proxy.ts'

/** The proxies that the guide knows. */
export const PROXIES: Readonly<Record<'nginx' | 'caddy', (options: ProxyOptions) => Promise<RunningProxy>>> =
  {
    nginx: (options) => NginxProcess.start(options),
    caddy: startCaddy,
  }
