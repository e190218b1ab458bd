import process from 'node:process'
import { SignalEnding } from './signal-ending.ts'

/** The end of this process. */
export const processSignals: SignalEnding = new SignalEnding(process)
