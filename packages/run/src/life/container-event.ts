import { type ContainerRecord, recordEvent, type Store } from '@gocker/store'

/** Writes down what was done to a container, with docker's attributes: its name, its image, its labels, and more. Those of builds, which have no image, are nobody's. */
export async function containerEvent(
  store: Store,
  record: ContainerRecord,
  action: string,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { id, name, image, labels } = record
  if (image === undefined) return
  const attributes = { ...labels, image: image.name, name, ...more }
  await recordEvent(store, { type: 'container', action, id, attributes })
}
