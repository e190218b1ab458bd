import { GoWebError } from '../../errors/goweb-error.ts'

/** What is used of busboy's parser. */
export interface FormParser {
  write(chunk: Uint8Array, callback: (error?: Error | null) => void): boolean
  end(): void
  destroy(): void
  on(
    event: 'file',
    listener: (
      name: string | undefined,
      stream: FileStream,
      info: PartInfo & { readonly filename?: string },
    ) => void,
  ): void
  on(
    event: 'field',
    listener: (
      name: string | undefined,
      value: string | undefined,
      info: PartInfo & { readonly valueTruncated: boolean },
    ) => void,
  ): void
  on(event: 'filesLimit' | 'fieldsLimit' | 'partsLimit' | 'close', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
}

/** The stream of one file. */
export interface FileStream {
  on(event: 'data', listener: (chunk: Uint8Array) => void): void
  on(event: 'limit' | 'end', listener: () => void): void
  on(event: 'error', listener: (error: Error) => void): void
}

interface PartInfo {
  readonly mimeType: string
}

/** What is used of busboy's settings. */
export interface FormParserConfig {
  readonly headers: { readonly 'content-type': string }
  readonly defParamCharset: string
  readonly limits: {
    readonly fileSize: number
    readonly fieldSize: number
    readonly files: number
    readonly fields: number
    readonly parts: number
  }
}

export type CreateFormParser = (config: FormParserConfig) => FormParser

/**
 * Loads busboy, the parser of multipart forms, if it is installed.
 *
 * @returns what gives the parser, or throws `MULTIPART_PARSER_MISSING`, saying how to install it.
 */
export async function loadFormParser(
  load: () => Promise<unknown> = () => import('busboy'),
): Promise<() => CreateFormParser> {
  try {
    const { default: create } = (await load()) as { readonly default: CreateFormParser }
    return () => create
  } catch (cause) {
    return () => {
      throw new GoWebError(
        'MULTIPART_PARSER_MISSING',
        'multipart() needs the package busboy, which cannot be loaded; run: npm install busboy',
        { cause },
      )
    }
  }
}
