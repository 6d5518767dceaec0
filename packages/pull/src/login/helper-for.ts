import { readAuthFile } from '../credentials/auth-file.ts'
import { keyFit } from '../credentials/key.ts'

/** The credential helper that keeps a registry's credentials according to a file. */
export async function helperFor(path: string, registry: string): Promise<string | undefined> {
  const file = await readAuthFile(path)
  const own = [...(file?.credHelpers ?? [])].find(([key]) => keyFit(key, registry, '') > 0)
  return own?.[1] ?? file?.credsStore
}
