import { spawn } from 'node:child_process'
import { PullError } from '../error.ts'
import type { Credentials } from './credentials.ts'

const LONGEST_ANSWER = 1024 * 1024
/** A helper may ask a person for a password. */
const TIME_LIMIT = 120_000

/**
 * Asks `docker-credential-<name> get` for the credentials kept under `serverUrl`.
 * @returns `undefined` when it has none
 * @throws {PullError} `BAD_CREDENTIALS`
 * @see https://github.com/docker/docker-credential-helpers#development the protocol
 */
export async function askHelper(name: string, serverUrl: string, environment: NodeJS.ProcessEnv): Promise<Credentials | undefined> {
  const doing = `asking docker-credential-${name} for the credentials of ${serverUrl}`
  if (!/^[\w.-]+$/.test(name)) throw new PullError('BAD_CREDENTIALS', `${doing}: not the name of a helper`)
  const { code, stdout } = await runHelper(`docker-credential-${name}`, serverUrl, { environment, doing })
  if (code !== 0 && /credentials not found|no credentials server url|no credentials username/i.test(stdout)) return undefined
  if (code !== 0)
    throw new PullError('BAD_CREDENTIALS', `${doing}: it ended with code ${code}`, {
      hint: `run it by hand: echo ${serverUrl} | docker-credential-${name} get`,
    })
  return readAnswer(stdout, doing)
}

function readAnswer(stdout: string, doing: string): Credentials | undefined {
  let answer: { Username?: unknown; Secret?: unknown }
  try {
    answer = JSON.parse(stdout) as typeof answer
  } catch {
    throw new PullError('BAD_CREDENTIALS', `${doing}: its answer is not JSON`)
  }
  const { Username: username, Secret: secret } = answer
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw new PullError('BAD_CREDENTIALS', `${doing}: its answer lacks Username or Secret`)
  if (username === '' && secret === '') return undefined
  return username === '<token>' ? { kind: 'identity-token', token: secret } : { kind: 'password', username, password: secret }
}

interface HelperRun {
  readonly environment: NodeJS.ProcessEnv
  readonly doing: string
}

function runHelper(command: string, input: string, { environment, doing }: HelperRun): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, ['get'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: environment,
      signal: AbortSignal.timeout(TIME_LIMIT),
      killSignal: 'SIGKILL',
    })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (stdout.length > LONGEST_ANSWER) child.kill('SIGKILL')
    })
    // A helper that needs no input may be gone before it is written.
    child.stdin.on('error', () => {}).end(input)
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'it is not installed' : (cause.code ?? 'it cannot be run')
      reject(
        new PullError('BAD_CREDENTIALS', `${doing}: ${why}`, {
          cause,
          hint: `install ${command}, or take it out of credsStore and credHelpers`,
        }),
      )
    })
    child.on('close', (code) => resolve({ code, stdout }))
  })
}
