/** A template, read. @see https://pkg.go.dev/text/template#hdr-Actions */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | BranchNode
  | { readonly kind: 'break' | 'continue' }

export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range'
  readonly pipeline: Pipeline
  readonly body: readonly Node[]
  /** What `else` has. */
  readonly otherwise: readonly Node[]
}

/** Commands, each of which gets the value of the one before as its last argument. */
export interface Pipeline {
  /** As it is written, for messages. */
  readonly source: string
  /** `$x :=`; of a range, up to two. */
  readonly variables: readonly string[]
  readonly isDeclaration: boolean
  readonly commands: readonly Command[]
}

export interface Command {
  readonly first: Operand
  readonly arguments: readonly Operand[]
}

export interface Operand {
  readonly term: Term
  /** `.A.B` behind it. */
  readonly fields: readonly string[]
}

export type Term =
  | { readonly kind: 'constant'; readonly value: string | number | boolean | undefined }
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
