// Text in its many names, and formats that are not compressed themselves. Event streams live long, and an encoder for each
// would hold up to some hundred kilobytes all the while.
const COMPRESSIBLE =
  /^(?:text\/(?!event-stream$)|message\/|model\/(?:gltf\+json|obj|step)|image\/(?:svg\+xml|bmp|x-icon|vnd\.microsoft\.icon|x-ms-bmp)$|font\/(?:otf|ttf|collection)$|application\/(?:dash\+xml|ecmascript|geo\+json|graphql|javascript|json|json5|ld\+json|manifest\+json|rtf|sql|toml|typescript|vnd\.ms-fontobject|vnd\.ms-opentype|wasm|x-javascript|x-ndjson|ndjson|jsonl|x-sh|x-www-form-urlencoded|xml|xml-dtd|yaml|x-yaml|x-font-ttf|x-httpd-php)$)|\+(?:json|text|xml|yaml)$/

/** Whether content of a media type gets smaller by compression; parameters are ignored. */
export function isCompressibleType(type: string): boolean {
  const end = type.indexOf(';')
  return COMPRESSIBLE.test((end === -1 ? type : type.slice(0, end)).trim().toLowerCase())
}
