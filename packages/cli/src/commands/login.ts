import { text } from 'node:stream/consumers'
import { type Credentials, credentialsFromFiles, login, registryName } from '@gocker/pull'
import type { Command } from 'commander'
import { type AuthFileFlag, addAuthFileFlag, authEnvironment } from '../auth-file-flag.ts'
import { interruptible } from '../interrupt.ts'
import { ask } from '../terminal/ask.ts'

interface LoginFlags extends AuthFileFlag {
  readonly username?: string
  readonly password?: string
  readonly passwordStdin?: true
  readonly getLogin?: true
  readonly insecure?: true
}

export function define(command: Command): void {
  command
    .argument('[registry]', 'host, with a port or without; Docker Hub unless given')
    .option('-u, --username <name>', 'the user')
    .option('-p, --password <password>', 'the password: whoever may list processes sees it')
    .option('--password-stdin', 'take the password from stdin')
    .option('--get-login', 'say who is logged in, and nothing else')
    .option('--insecure', 'allow plain http and certificates that cannot be verified')
  addAuthFileFlag(command)
    .addHelpText('after', '\nExamples:\n  gocker login\n  gocker login -u owner --password-stdin ghcr.io < token')
    .action(logIn)
}

async function logIn(registry: string | undefined, flags: LoginFlags): Promise<void> {
  const name = registryName(registry)
  const environment = authEnvironment(flags)
  const findKept = () => credentialsFromFiles(environment)(name, '')
  if (flags.getLogin === true) return tellLogin(name, await findKept())
  const { username, password } = await loginOf(flags, findKept)
  const { file, helper } = await interruptible((signal) =>
    login({ registry: name, username, password, environment, insecure: flags.insecure, signal }),
  )
  if (helper === undefined)
    process.stderr.write(`WARNING! The password is kept unencrypted in ${file}; a credential helper would encrypt it.\n`)
  console.log('Login Succeeded')
}

function tellLogin(registry: string, kept: Credentials | undefined): void {
  if (kept === undefined) throw new Error(`looking for a login at ${registry}: there is none`)
  console.log(kept.kind === 'password' ? kept.username : '<token>')
}

interface NamedUser {
  readonly username: string
  readonly password: string
}

async function loginOf(flags: LoginFlags, findKept: () => Promise<Credentials | undefined>): Promise<NamedUser> {
  const { username, password, passwordStdin } = flags
  if (passwordStdin === true && password !== undefined) throw new Error('logging in: --password and --password-stdin are one too many')
  if (passwordStdin === true && username === undefined) throw new Error('logging in: --password-stdin needs --username, too')
  if (password !== undefined) process.stderr.write('WARNING! --password can be seen by others on this machine: use --password-stdin.\n')
  if (username !== undefined && password !== undefined) return { username, password }
  if (username !== undefined && passwordStdin === true)
    return { username, password: checked((await text(process.stdin)).replace(/\r?\n$/, '')) }
  const kept = username === undefined && password === undefined ? await findKept() : undefined
  if (kept?.kind === 'password') return again(kept)
  return await asked(flags)
}

function again(kept: NamedUser): NamedUser {
  process.stderr.write(`Logging in as ${kept.username}, as before\n`)
  return kept
}

async function asked({ username, password }: LoginFlags): Promise<NamedUser> {
  if (!process.stdin.isTTY)
    throw Object.assign(new Error('logging in: there is no terminal to ask on'), { hint: 'give --username and --password-stdin' })
  const name = username ?? checked((await ask('Username: ')).trim())
  return { username: name, password: password ?? checked(await ask('Password: ', { hidden: true })) }
}

function checked(text: string): string {
  if (text !== '') return text
  throw new Error('logging in: user and password must not be empty')
}
