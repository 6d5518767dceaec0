import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ajvDraft04 from 'ajv-draft-04'

/** Where Debian's packages golang-github-opencontainers-specs-dev and -image-spec-dev put the published schemas. */
export const SCHEMAS = '/usr/share/gocode/src/github.com/opencontainers'

const DOCUMENTS = {
  'runtime-config': ['runtime-spec', 'config-schema.json'],
  'runtime-state': ['runtime-spec', 'state-schema.json'],
  'image-manifest': ['image-spec', 'image-manifest-schema.json'],
  'image-index': ['image-spec', 'image-index-schema.json'],
  'image-config': ['image-spec', 'config-schema.json'],
  'image-layout': ['image-spec', 'image-layout-schema.json'],
} as const

export type SchemaName = keyof typeof DOCUMENTS

/** Says what is wrong with a document, one line for each fault; nothing where it is valid. */
export type SchemaCheck = (document: unknown) => string[]

/**
 * The published JSON schema of a document.
 * @throws where the Debian packages are missing.
 */
export function schemaFor(name: SchemaName): SchemaCheck {
  const [spec, file] = DOCUMENTS[name]
  const validate = loadSpec(spec).getSchema(file)
  if (validate === undefined) throw new Error(`reading schema ${name}: ${file} is not there`)
  return (document) => {
    // By way of JSON, as on disk: a field that is undefined is no field.
    validate(JSON.parse(JSON.stringify(document)))
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`)
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function loadSpec(spec: string) {
  const ajv = new ajvDraft04.default({ strict: false, allErrors: true })
  ajv.addFormat('date-time', RFC_3339)
  ajv.addFormat('uri', (text) => URL.canParse(text))
  const directory = join(SCHEMAS, spec, 'schema')
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.json'))) {
    ajv.addSchema(JSON.parse(readFileSync(join(directory, file), 'utf8'), withoutIds), file)
  }
  return ajv
}

/**
 * The files point to each other by file name, and their ids say other places; some name the meta schema by https, which nobody knows.
 * A property that is called id has an object as its value, and stays.
 */
function withoutIds(keyword: string, value: unknown): unknown {
  return typeof value === 'string' && (keyword === 'id' || keyword === '$schema') ? undefined : value
}
