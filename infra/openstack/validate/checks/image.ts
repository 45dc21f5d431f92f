import type { Check, Options } from '../check.ts'
import type { Cloud } from '../cloud.ts'
import { failed, passed } from '../check.ts'

export interface Image { readonly id: string, readonly name: string, readonly status: string, readonly min_ram: number, readonly min_disk: number }

/** There is an image to start a server from: the one that was named, or any. */
export const image: Check = {
  name: 'image',
  service: 'image',
  async run(cloud, options) {
    const { images } = await cloud.get<{ images: Image[] }>('image', '/images?limit=200')
    const wanted = options.image ? images.filter(({ name }) => name === options.image) : images
    const active = wanted.find(({ status }) => status === 'active')
    if (active)
      return [passed(this, `${active.name} is active`)]
    const names = images.map(({ name, status }) => `${name} (${status})`).join(', ')
    return [failed(
      this,
      options.image ? `no active image is called ${options.image}${names && `; there are ${names}`}` : 'there is no image',
      wanted[0]?.status === 'deactivated'
        ? `\`openstack image set --activate ${wanted[0].name}\`, when whoever deactivated it agrees`
        : '`openstack image create --disk-format qcow2 --container-format bare --file debian-12.qcow2 --public debian-12`',
    )]
  },
}

/** The image of the journey. `image` above has said why when there is none. */
export async function findImage(cloud: Cloud, options: Options): Promise<Image | undefined> {
  const { images } = await cloud.get<{ images: Image[] }>('image', '/images?limit=200')
  return images.find(({ name, status }) => status === 'active' && (!options.image || name === options.image))
}
