/** What may be done with which repositories. */
export interface Grant {
  /** A name, or a beginning of one and `*`: `library/*`, `*`. */
  readonly repository: string
  readonly actions: readonly ('pull' | 'push' | 'delete')[]
}

export interface User {
  readonly password: string
  /** Everything, unless said otherwise. */
  readonly grants?: readonly Grant[]
}

/** One of a token's claims. */
export interface Access {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
}

export interface Account {
  /** `undefined` is anybody. */
  readonly name: string | undefined
  /** As much of what is asked as the account may do: a token server never refuses, it grants less. */
  grant(asked: Access): Access
}

const EVERYTHING: readonly Grant[] = [{ repository: '*', actions: ['pull', 'push', 'delete'] }]

export function accountFor(
  { users = {}, anonymous = [] }: { readonly users?: Readonly<Record<string, User>>; readonly anonymous?: readonly Grant[] },
  name: string | undefined,
): Account {
  const grants = name === undefined ? anonymous : (users[name]?.grants ?? EVERYTHING)
  const allowed = (repository: string) =>
    new Set<string>(grants.filter((grant) => covers(grant, repository)).flatMap(({ actions }) => actions))
  return { name, grant: (asked) => ({ ...asked, actions: asked.actions.filter((action) => allowed(asked.name).has(action)) }) }
}

/**
 * `repository:127.0.0.1:5000/name:pull,push` is a type, a name that may have colons, and actions.
 * @see https://distribution.github.io/distribution/spec/auth/scope/
 */
export function parseScope(scope: string): Access {
  const [, type = '', name = '', actions = ''] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? []
  return { type, name, actions: actions.split(',') }
}

function covers({ repository }: Grant, name: string): boolean {
  return repository.endsWith('*') ? name.startsWith(repository.slice(0, -1)) : name === repository
}
