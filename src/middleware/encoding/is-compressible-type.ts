// Text in its many names, and formats that are not compressed themselves. Event streams live long, and an encoder for each
// would hold up to some hundred kilobytes all the while.
const COMPRESSIBLE = new RegExp(
  [
    '^text/(?!event-stream$)',
    '^x-shader/',
    '^message/(?!http$|partial$)',
    '^model/(?:gltf\\+json|gltf-binary|obj|step)$',
    '^image/(?:svg\\+xml|bmp|x-icon|vnd\\.microsoft\\.icon|x-ms-bmp)$',
    '^font/(?:otf|ttf|collection)$',
    '^application/(?:dart|ecmascript|graphql|javascript|json|json5|jsonl|ndjson|postscript|rtf|sql|toml|typescript)$',
    '^application/(?:vnd\\.dart|vnd\\.ms-fontobject|vnd\\.ms-opentype|wasm|x-font-ttf|x-httpd-php|x-javascript)$',
    '^application/(?:x-ndjson|x-ns-proxy-autoconfig|x-sh|x-www-form-urlencoded|x-yaml|xml|xml-dtd|yaml)$',
    '\\+(?:json|text|xml|yaml)$',
  ].join('|'),
)

/** Whether content of a media type gets smaller by compression; parameters are ignored. */
export function isCompressibleType(type: string): boolean {
  const end = type.indexOf(';')
  return COMPRESSIBLE.test((end === -1 ? type : type.slice(0, end)).trim().toLowerCase())
}
