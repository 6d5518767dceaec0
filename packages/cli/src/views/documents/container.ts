import type { ContainerConfig } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { type ContainerView, containerSizes, imageConfigOf, viewContainer } from '../container.ts'
import { commandOf } from '../container-row.ts'
import { mountsOf } from '../mounts.ts'
import { exposedPorts, portBindings } from '../ports.ts'
import { configOf } from './container-config.ts'
import { stateOf } from './container-state.ts'
import { hostConfigOf } from './host-config.ts'
import { networkSettingsOf } from './network-settings.ts'

/**
 * A container as docker describes one.
 * @throws {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 * @see https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerInspect
 */
export async function containerDocument(store: Store, idOrName: string, { size }: { readonly size: boolean }) {
  const view = { ...(await viewContainer(store, await store.containers.get(idOrName))) }
  const image = await imageConfigOf(store, view.record)
  return {
    ...identityOf(view),
    State: stateOf(view),
    Image: view.record.image?.id ?? '',
    ...filesOf(store, view),
    Name: `/${view.record.name}`,
    RestartCount: view.now.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig: hostConfigOf(view),
    GraphDriver: graphDriverOf(store, view),
    ...(size && (await sizesOf(store, view))),
    Mounts: mountsOf(view),
    Config: configOf(view, image),
    NetworkSettings: networksOf(view, image),
  }
}

function identityOf(view: ContainerView) {
  const [path = '', ...args] = commandOf(view)
  return { Id: view.record.id, Created: view.record.created, Path: path, Args: args }
}

function filesOf({ paths }: Store, { record }: ContainerView) {
  const { resolvConf, hostname, hosts, log } = paths.bundle(record.id)
  return { ResolvConfPath: resolvConf, HostnamePath: hostname, HostsPath: hosts, LogPath: log }
}

function graphDriverOf({ paths, layers }: Store, { record }: ContainerView) {
  const { upper, work, rootfs } = paths.bundle(record.id)
  const LowerDir = layers.stack(record.image?.layers ?? []).join(':')
  return { Data: { LowerDir, MergedDir: rootfs, UpperDir: upper, WorkDir: work }, Name: 'overlay2' }
}

async function sizesOf(store: Store, { record }: ContainerView) {
  const { written, all } = await containerSizes(store, record)
  return { SizeRw: written, SizeRootFs: all }
}

function networksOf(view: ContainerView, image: ContainerConfig) {
  return networkSettingsOf(view, portBindings(view.networks, exposedPorts(image, view.settings)))
}
