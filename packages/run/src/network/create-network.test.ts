import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Store } from '@gocker/store'
import { type CreateNetworkOptions, createNetwork } from './create-network.ts'

const REFUSED: readonly [options: Partial<CreateNetworkOptions>, why: RegExp][] = [
  [{ name: 'a/b' }, /must begin with a letter or digit/],
  [{ name: 'host' }, /a meaning of its own/],
  [{ name: 'bridge' }, /a meaning of its own/],
  [{ driver: 'overlay' }, /bridge is the only one/],
  [{ subnets: ['nonsense'] }, /not of the form of 10\.1\.2\.0\/24/],
  [{ subnets: ['10.1.2.0/24', '10.1.3.0/24'] }, /at most one subnet of each version of IP/],
  [{ subnets: ['10.1.2.0/31'] }, /no room for a gateway/],
  [{ gateways: ['10.0.0.1'] }, /needs a --subnet/],
  [{ subnets: ['10.1.2.0/24'], gateways: ['10.1.3.1'] }, /not in 10\.1\.2\.0\/24/],
  [{ subnets: ['10.1.2.0/24'], ranges: ['10.1.2.0/23'] }, /larger than/],
  [{ options: { mtu: '9' } }, /not a number from 68/],
  [{ options: { 'com.docker.network.bridge.name': 'a-name-that-is-too-long' } }, /longer than 15 bytes/],
  [{ options: { 'com.docker.network.bridge.enable_icc': 'false' } }, /not to be had/],
  [{ options: { speed: 'high' } }, /no such option/],
]

for (const [options, why] of REFUSED)
  test(`a network with ${JSON.stringify(options)} is refused before anything is made`, async () => {
    await assert.rejects(createNetwork({ store: {} as Store, name: 'web', ...options }), { code: 'INVALID_OPTION', message: why })
  })
