import { GoWebError } from '../errors/goweb-error.ts'
import type { RuntimePort } from './runtime-port.ts'

let detect: (() => Promise<RuntimePort>) | undefined

/** Tells how to find the runtime; `index` does, so that nothing here depends on a platform. */
export function registerRuntime(detector: () => Promise<RuntimePort>): void {
  detect = detector
}

/** @throws `RUNTIME_UNSUPPORTED` */
export function detectedRuntime(): Promise<RuntimePort> {
  if (detect === undefined) {
    throw new GoWebError('RUNTIME_UNSUPPORTED', 'No runtime is known; import GoWeb from goweb')
  }
  return detect()
}
