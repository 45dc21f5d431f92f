import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { loadImage } from '../../testbed/cluster/load-image.ts'
import { command } from '../../tools/command.ts'
import { root } from '../../tools/root.ts'

export const howdahImage = { repository: 'localhost/howdah', tag: 'test' } as const

/** Build the image of this tree, as deploy/images/Containerfile does, and bring it into every node. Answers its size. */
export async function loadHowdahImage(): Promise<{ bytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'howdah-image-'))
  try {
    await command(process.execPath, [join(root, 'tools/image.ts'), folder], { cwd: root })
    return await loadImage({
      reference: `${howdahImage.repository}:${howdahImage.tag}`,
      config: {
        Entrypoint: ['/usr/bin/node', '/opt/howdah/dist/main.js'],
        User: '65532:65532',
        Env: ['PATH=/usr/bin', 'NODE_ENV=production', 'HOWDAH_HOST=0.0.0.0', 'HOWDAH_DATA_DIR=/var/lib/howdah'],
      },
    }, [join(folder, 'base'), join(folder, 'program')])
  }
  finally {
    await rm(folder, { recursive: true })
  }
}
