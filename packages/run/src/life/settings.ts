import type { ContainerRecord, Store } from '@gocker/store'
import type { ContainerOptions } from '../options/container-options.ts'

/** What a container was asked to be, as its record keeps it: all but the store, the image and what is secret. */
export type ContainerSettings = Omit<ContainerOptions, 'store' | 'image' | 'rootfs' | 'secretEnv'>

/** JSON; with what only the image says of how it is stopped. */
export function settingsOf(options: ContainerOptions): ContainerSettings {
  const { store: _store, image, rootfs: _rootfs, secretEnv: _secretEnv, ...settings } = options
  const stopSignal = settings.stopSignal ?? image?.config.config?.StopSignal
  return { ...settings, ...(stopSignal !== undefined && { stopSignal }) }
}

/** What {@link settingsOf} gave when the container was made, changed by updates since. */
export function readSettings({ options }: Pick<ContainerRecord, 'options'>): ContainerSettings {
  return options as ContainerSettings
}

/** The settings as options for everything that a new start makes anew. */
export function optionsOf(store: Store, record: ContainerRecord): ContainerOptions {
  return { ...readSettings(record), store, name: record.name, remove: record.remove, labels: record.labels }
}
