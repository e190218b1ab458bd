/** Writes `docs/errors.md` from the table of error codes: `npm run docs:errors`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderErrorsDoc } from './docs/render-errors-doc.ts'

const root = join(import.meta.dirname, '..')
const source = readFileSync(join(root, 'src/errors/codes.ts'), 'utf8')
writeFileSync(join(root, 'docs/errors.md'), renderErrorsDoc(source))
