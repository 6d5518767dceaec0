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
  const { code, stdout } = await runHelper(name, 'get', { input: serverUrl, environment, doing })
  if (code !== 0 && HAS_NONE.test(stdout)) return undefined
  if (code !== 0)
    throw new PullError('BAD_CREDENTIALS', `${doing}: it ended with code ${code}`, {
      hint: `run it by hand: echo ${serverUrl} | docker-credential-${name} get`,
    })
  return readAnswer(stdout, doing)
}

/** Has a helper keep a user's password under `serverUrl`. @throws {PullError} `BAD_CREDENTIALS` */
export async function giveToHelper(
  name: string,
  serverUrl: string,
  { username, password, environment }: { username: string; password: string; environment: NodeJS.ProcessEnv },
): Promise<void> {
  const doing = `giving docker-credential-${name} the credentials of ${serverUrl}`
  const input = JSON.stringify({ ServerURL: serverUrl, Username: username, Secret: password })
  const { code } = await runHelper(name, 'store', { input, environment, doing })
  if (code !== 0) throw new PullError('BAD_CREDENTIALS', `${doing}: it ended with code ${code}`)
}

/** Has a helper forget what it keeps under `serverUrl`; nothing is fine, too. @throws {PullError} `BAD_CREDENTIALS` */
export async function eraseFromHelper(name: string, serverUrl: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const doing = `having docker-credential-${name} forget the credentials of ${serverUrl}`
  const { code, stdout } = await runHelper(name, 'erase', { input: serverUrl, environment, doing })
  if (code !== 0 && !HAS_NONE.test(stdout)) throw new PullError('BAD_CREDENTIALS', `${doing}: it ended with code ${code}`)
}

const HAS_NONE = /credentials not found|no credentials server url|no credentials username/i

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
  readonly input: string
  readonly environment: NodeJS.ProcessEnv
  readonly doing: string
}

type Verb = 'get' | 'store' | 'erase'

async function runHelper(
  name: string,
  verb: Verb,
  { input, environment, doing }: HelperRun,
): Promise<{ code: number | null; stdout: string }> {
  if (!/^[\w.-]+$/.test(name)) throw new PullError('BAD_CREDENTIALS', `${doing}: not the name of a helper`)
  const command = `docker-credential-${name}`
  return await new Promise((resolve, reject) => {
    const child = spawn(command, [verb], {
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
