/** What a form may cost; the whole of it is bounded by the `bodyLimitBytes` of its route. */
export interface MultipartLimits {
  /** Bytes of one file. Default: as many as the route allows for the whole body. */
  readonly fileBytes: number
  /** Files. Default: 20. */
  readonly files: number
  /** Bytes of one field's value. Default: 65,536. */
  readonly fieldBytes: number
  /** Fields that are no files. Default: 200. */
  readonly fields: number
  /** Fields and files together. Default: 220. */
  readonly parts: number
  /** Bytes of the name of a field or file. Default: 200. */
  readonly nameBytes: number
}

/** Enough for forms that people fill in. */
export const DEFAULT_MULTIPART_LIMITS: MultipartLimits = {
  fileBytes: Number.MAX_SAFE_INTEGER - 1,
  files: 20,
  fieldBytes: 65_536,
  fields: 200,
  parts: 220,
  nameBytes: 200,
}
