import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { type GitSource, withoutCredentials } from './remote-source.ts'

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/
const PROXIES = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY']

/**
 * Asks a repository which commit a ref is at.
 * @throws {Error} naming the repository
 */
export async function resolveCommit({ remote, ref, checksum }: GitSource, signal: AbortSignal): Promise<string> {
  const commit = ref !== undefined && COMMIT.test(ref) ? ref : await listedCommit(remote, ref, signal)
  if (checksum === undefined || commit.startsWith(checksum)) return commit
  throw new Error(`${withoutCredentials(remote)} is at commit ${commit}, expected ${checksum}`)
}

/**
 * Checks a commit out.
 * @param directory made; the files are in it, and the repository in its `.git`
 * @returns the commit's date, in seconds since 1970
 */
export async function checkOut(
  { remote, ref, submodules }: GitSource,
  { commit, directory, signal }: { commit: string; directory: string; signal: AbortSignal },
): Promise<number> {
  await mkdir(directory)
  const git = (...words: string[]) => run(['-C', directory, ...words], signal)
  await git('init', '--quiet', '--template=')
  await git('remote', 'add', 'origin', remote)
  const fetch = ['fetch', '--quiet', '--no-tags', '--depth=1', 'origin']
  const everything = () => git('fetch', '--quiet', '--tags', 'origin')
  // Not every server gives a commit that no ref is at, and one that only serves files knows of no depth.
  await git(...fetch, commit).catch(() => (ref === undefined || COMMIT.test(ref) ? everything() : git(...fetch, ref).catch(everything)))
  await git('checkout', '--quiet', '--detach', commit)
  if (submodules) await git('submodule', '--quiet', 'update', '--init', '--recursive', '--depth=1')
  return Number(await git('show', '--no-patch', '--format=%ct', commit))
}

async function listedCommit(remote: string, ref: string | undefined, signal: AbortSignal): Promise<string> {
  const wanted = ref === undefined ? ['HEAD'] : [`refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`, `${ref}^{}`, ref]
  const listed = await run(['ls-remote', '--', remote, ...(ref === undefined ? ['HEAD'] : [ref, `${ref}^{}`])], signal)
  const commits = new Map(listed.split('\n').map((line) => line.split('\t').reverse() as [name: string, commit: string]))
  const found = wanted.map((name) => commits.get(name)).find((commit) => commit !== undefined)
  if (found !== undefined) return found
  throw new Error(`${withoutCredentials(remote)} has no branch and no tag ${ref ?? 'HEAD'}`)
}

/** Nobody is asked for anything, and nothing of this machine's settings is read. */
function environment(): NodeJS.ProcessEnv {
  const kept = ['PATH', ...PROXIES].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]))
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ALLOW_PROTOCOL: 'git:http:https:ssh',
    GIT_SSH_COMMAND: 'ssh -o BatchMode=yes',
  }
}

function run(words: readonly string[], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', words, { stdio: ['ignore', 'pipe', 'pipe'], env: environment(), signal })
    let [output, told] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-2000)
    })
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'ENOENT' ? new Error('there is no program git on the PATH: install git') : error),
    )
    child.on('close', (code) => (code === 0 ? resolve(output.trim()) : reject(new Error(failureOf(words, told)))))
  })
}

function failureOf(words: readonly string[], told: string): string {
  const verb = words[0] === '-C' ? words[2] : words[0]
  return `git ${verb}: ${told
    .trim()
    .split('\n')
    .map(withoutCredentials)
    .join('; ')
    .replace(/:\/\/[^/@\s]*@/g, '://')}`
}
