import type { Credentials } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import { discard } from '../registry/redirect.ts'
import { withWholeRegistry } from '../registry/whole-registry.ts'

export interface VerifyOptions {
  readonly registry: string
  readonly credentials: Credentials
  readonly insecure?: boolean | undefined
  readonly environment?: NodeJS.ProcessEnv | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks a registry whether it takes the credentials: as they are, or the token that its token server gives for them.
 * @throws {PullError} `UNAUTHORIZED`, `DENIED`, `UNREACHABLE`, ...
 * @see https://distribution.github.io/distribution/spec/api/#api-version-check
 */
export async function verifyCredentials({ registry, signal, ...options }: VerifyOptions): Promise<void> {
  try {
    await withWholeRegistry(registry, options, async (connection) => {
      await discard(await connection.send({ doing: 'getting admission', path: '', expected: [200], signal }))
    })
  } catch (cause) {
    if (!(cause instanceof PullError) || !['UNAUTHORIZED', 'DENIED'].includes(cause.code)) throw cause
    throw new PullError(cause.code, `logging in at ${registry}: it does not accept this user and password`, {
      cause,
      hint: "some registries want an access token in the password's place",
    })
  }
}
