import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, bytes, Cut } from './answer.ts'
import type { Fault, FaultEffect } from './fault.ts'

type Effect<K extends Fault['kind']> = Extract<FaultEffect, { kind: K }>

/** What a fault makes of an answer. @param signal ends what would wait for ever: the client has gone. */
export function changeAnswer(answer: Answer, fault: FaultEffect, signal: AbortSignal): Answer {
  const change = CHANGES[fault.kind] as ((answer: Answer, fault: FaultEffect, signal: AbortSignal) => Answer) | undefined
  return change?.(answer, fault, signal) ?? answer
}

/** The kinds that are missing here have done their work before there was an answer. */
const CHANGES: { [K in Fault['kind']]?: (answer: Answer, fault: Effect<K>, signal: AbortSignal) => Answer } = {
  cut: (answer, { after }) => ({ ...answer, body: cut(answer.body, after) }),
  stall: (answer, { after }, signal) => ({ ...answer, body: stall(answer.body, after, signal) }),
  slow: (answer, { bytesPerSecond }, signal) => ({ ...answer, body: slow(answer.body, bytesPerSecond, signal) }),
  flip: (answer, { at }) => ({ ...answer, body: flip(answer.body, at) }),
  truncate: (answer, { to }) => ({ ...withHeaders(answer, { 'content-length': String(to) }), body: firstBytes(answer.body, to) }),
  endless: (answer) => ({ ...withoutHeaders(answer, ['content-length']), body: endless(answer.body) }),
  'content-length': (answer, { add }) =>
    withHeaders(answer, { 'content-length': String(Number(answer.headers['content-length']) + add), connection: 'close' }),
  headers: changeHeaders,
}

/** The answer of a `status` fault. */
export function statusAnswer({ status, headers = {}, body = '', retryAfter }: Effect<'status'>): Answer {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  const wait = retryAfter === undefined ? {} : { 'retry-after': retryAfterValue(retryAfter) }
  return {
    status,
    headers: { 'content-length': String(Buffer.from(body).length), ...wait, ...Object.fromEntries(lowered) },
    body: bytes(body),
  }
}

function retryAfterValue({ seconds, as = 'seconds' }: { readonly seconds: number; readonly as?: 'seconds' | 'date' }): string {
  return as === 'seconds' ? String(seconds) : new Date(Date.now() + seconds * 1000).toUTCString()
}

function changeHeaders(answer: Answer, { drop = [], set = {}, rename = {} }: Effect<'headers'>): Answer {
  const renamed = Object.entries(rename).flatMap(([from, to]) => {
    const value = answer.headers[from.toLowerCase()]
    return value === undefined ? [] : [[to.toLowerCase(), value]]
  })
  return withHeaders(withoutHeaders(answer, [...drop, ...Object.keys(rename)]), { ...Object.fromEntries(renamed), ...set })
}

function withHeaders(answer: Answer, headers: Answer['headers']): Answer {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return { ...answer, headers: { ...answer.headers, ...Object.fromEntries(lowered) } }
}

function withoutHeaders(answer: Answer, names: readonly string[]): Answer {
  const dropped = new Set(names.map((name) => name.toLowerCase()))
  return { ...answer, headers: Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !dropped.has(name))) }
}

async function* firstBytes(body: AsyncIterable<Uint8Array>, limit: number): AsyncIterable<Uint8Array> {
  let left = limit
  for await (const chunk of body) {
    if (chunk.length >= left) {
      yield chunk.subarray(0, left)
      return
    }
    yield chunk
    left -= chunk.length
  }
}

async function* cut(body: AsyncIterable<Uint8Array>, after: number): AsyncIterable<Uint8Array> {
  yield* firstBytes(body, after)
  throw new Cut()
}

async function* stall(body: AsyncIterable<Uint8Array>, after: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
  yield* firstBytes(body, after)
  await new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }))
}

async function* slow(body: AsyncIterable<Uint8Array>, bytesPerSecond: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
  const step = Math.max(1, Math.floor(bytesPerSecond / 20))
  for await (const chunk of body)
    for (let at = 0; at < chunk.length; at += step) {
      const piece = chunk.subarray(at, at + step)
      await delay((piece.length / bytesPerSecond) * 1000, undefined, { signal })
      yield piece
    }
}

async function* flip(body: AsyncIterable<Uint8Array>, at: number): AsyncIterable<Uint8Array> {
  let offset = 0
  for await (const chunk of body) {
    const inside = at - offset
    offset += chunk.length
    yield inside >= 0 && inside < chunk.length ? chunk.map((byte, index) => (index === inside ? byte ^ 0xff : byte)) : chunk
  }
}

async function* endless(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* body
  for (;;) yield new Uint8Array(65536)
}
