import { cp, glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command } from '../tools/command.ts'
import { actionlint } from '../tools/needs/actionlint.ts'
import { infraPython } from '../tools/needs/python.ts'
import { newestProviders, openTofu, providerMirror, terraform } from '../tools/needs/terraform.ts'
import { root } from '../tools/root.ts'

const infra = join(root, 'infra')

const folders = [...new Set((await Array.fromAsync(glob('**/tests/*.tftest.hcl', { cwd: infra }))).map(file => dirname(dirname(file))))].sort()

describe.each([
  { name: 'Terraform with the lowest providers', program: terraform, mirror: providerMirror },
  { name: 'OpenTofu with the newest', program: openTofu, mirror: newestProviders },
])('$name', ({ program, mirror }) => {
  let copy: string
  let env: Record<string, string>
  beforeAll(async () => {
    // Locks and provider folders stay out of the tree: a lock with the checksums of providers that were built here helps nobody.
    copy = await mkdtemp(join(tmpdir(), 'howdah-infra-'))
    await cp(infra, copy, { recursive: true, filter: path => !/\/\.terraform(?:\.lock\.hcl)?$/.test(path) })
    env = { TF_CLI_CONFIG_FILE: await mirror(), TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' }
  })
  afterAll(async () => await rm(copy, { recursive: true, force: true }))

  it.each(folders)('%s is valid, and its tests pass with mocked providers', async (folder) => {
    const cwd = join(copy, folder)
    const terraform = async (...words: string[]) => await command(await program(), [...words, '-no-color'], { cwd, env })
    await terraform('init', '-backend=false', '-input=false')
    await terraform('validate')
    expect(Number(/Success! (\d+) passed, 0 failed/.exec(await terraform('test'))?.[1])).toBeGreaterThan(0)
  })
})

describe('Terraform', () => {
  it('every file is formatted', async () => {
    expect(await command(await terraform(), ['fmt', '-check', '-recursive', infra])).toBe('')
  })

  it('every variable with a validation has a test that it refuses something', async () => {
    for (const folder of folders) {
      const [variables, tests] = await Promise.all(['*.tf', 'tests/*.tftest.hcl'].map(async pattern => await textOf(join(infra, folder), pattern)))
      const validated = [...variables!.matchAll(/^variable "(\w+)" \{\n(?:.*\n)*?\}/gm)].filter(([block]) => block.includes('validation {')).map(([, name]) => name!)
      expect(validated.filter(name => !tests!.includes(`var.${name}`)), folder).toEqual([])
    }
  })
})

describe('workflows', () => {
  it('are what GitHub understands', async () => {
    expect(await command(await actionlint(), ['-no-color'], { cwd: root })).toBe('')
  })

  it('give away nothing that zizmor knows of', async () => {
    const found = await command(join(await infraPython(), 'zizmor'), ['--offline', '--format=json', '.github'], { cwd: root })
    expect(JSON.parse(found)).toEqual([])
  })

  it('name every action by its digest, with its version beside it', async () => {
    const uses = (await textOf(join(root, '.github'), '**/*.yml')).split('\n').filter(line => /^\s*-? uses:/.test(line) && !line.includes('uses: ./'))
    expect(uses.length).toBeGreaterThan(0)
    expect(uses.filter(line => !/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([])
  })
})

describe('Ansible', () => {
  const kubernetes = join(infra, 'kubernetes')
  const offline = { cwd: kubernetes, env: { ANSIBLE_HOME: join(tmpdir(), `howdah-ansible-${process.pid}`), PATH: '' } }
  beforeAll(async () => {
    offline.env.PATH = `${await infraPython()}:${process.env.PATH}`
  })
  afterAll(async () => await rm(offline.env.ANSIBLE_HOME, { recursive: true, force: true }))

  it('every playbook can be read', async () => {
    const playbooks = (await Array.fromAsync(glob('*.yml', { cwd: kubernetes }))).filter(file => !file.startsWith('inventory'))
    expect(playbooks.length).toBeGreaterThan(0)
    await command('ansible-playbook', ['--syntax-check', '-i', 'inventory.example.yml', ...playbooks], offline)
  })

  it('a second run makes no certificate again, and each is signed by its authority', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'howdah-kubernetes-'))
    try {
      await cp(join(kubernetes, 'inventory.example.yml'), join(folder, 'inventory.yml'))
      const play = async (...more: string[]) => await command('ansible-playbook', ['-i', join(folder, 'inventory.yml'), '-e', '@group_vars/all.yml', '-e', `output=${folder}/nodes`, 'tests/here.yml', ...more], offline)
      await play('--tags', 'certificates')
      expect([...(await play('--tags', 'certificates')).matchAll(/changed=(\d+)/g)].map(([, changed]) => changed)).toEqual(['0', '0'])

      const pki = join(folder, 'pki')
      for (const name of ['admin', 'apiserver-control-plane-1', 'kubelet-worker-1', 'kube-proxy'])
        await command('openssl', ['verify', '-CAfile', join(pki, 'kubernetes-ca.crt'), join(pki, `${name}.crt`)])
      // The key of a node must not open etcd.
      await command('openssl', ['verify', '-CAfile', join(pki, 'etcd-ca.crt'), join(pki, 'etcd-control-plane-1.crt')])
      await expect(command('openssl', ['verify', '-CAfile', join(pki, 'etcd-ca.crt'), join(pki, 'kubelet-worker-1.crt')])).rejects.toThrow('verification failed')

      await play('--tags', 'templates', '--limit', 'worker-1')
      expect(JSON.parse(await readFile(join(folder, 'nodes', 'worker-1', '10-pods.conflist'), 'utf8'))).toMatchObject({ plugins: [{ ipam: { ranges: [[{ subnet: '10.60.11.0/24' }]] } }, {}] })
      expect(await readFile(join(folder, 'nodes', 'worker-1', 'pod-routes.service'), 'utf8')).toContain('ip route replace 10.60.1.0/24 via 10.50.0.11')
    }
    finally {
      await rm(folder, { recursive: true })
    }
  })

  it('the roles are as ansible-lint wants them in production', async () => {
    await command('ansible-lint', ['--offline', '--profile', 'production', '--strict', '.'], offline)
  })
})

async function textOf(folder: string, pattern: string): Promise<string> {
  const files = await Array.fromAsync(glob(pattern, { cwd: folder }))
  return (await Promise.all(files.map(async file => await readFile(join(folder, file), 'utf8')))).join('\n')
}
