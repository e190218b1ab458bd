/** Writes `docs/conformance.md` from the fixtures of the conformance tests: `npm run docs:conformance`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderConformanceDoc } from '../test/conformance/render-doc.ts'

writeFileSync(join(import.meta.dirname, '../docs/conformance.md'), renderConformanceDoc())
