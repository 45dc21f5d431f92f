import type { Layer, Suite } from './layer.ts'
import process from 'node:process'
import { barmanSuite, postgresqlSuites, versions } from '../versions.ts'

export interface Image {
  readonly reference: string
  readonly layers: readonly Layer[]
  /** As in the image specification of the OCI. */
  readonly config: {
    readonly Entrypoint?: readonly string[]
    /** Numbers: with a name the kubelet cannot tell whether it is root. */
    readonly User?: string
    readonly Env?: readonly string[]
    readonly WorkingDir?: string
  }
}

export type PostgresqlMajor = keyof typeof postgresqlSuites

export const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
const nobody = '65532:65532'

/** CloudNativePG reads the major version from the tag. */
export function postgresqlImage(major: PostgresqlMajor): string {
  return `localhost/postgresql:${major}`
}

export const pauseImage = 'localhost/pause:1'
export const toolboxImage = 'localhost/busybox:1'
export const corednsImage = `localhost/coredns:${versions.coredns}`
export const localPathImage = `localhost/local-path-provisioner:${versions.localPathProvisioner}`
export const operatorImage = `localhost/cloudnative-pg:${versions.cloudNativePg}`
export const barmanImage = `localhost/barman-cloud:${versions.barmanCloudPlugin}`

/** What the programs of a suite's PostgreSQL link to that the next suite calls otherwise. */
const ownLibraries: Readonly<Record<string, readonly string[]>> = {
  bookworm: ['libgnutls.so.30', 'libicudata.so.72', 'libicui18n.so.72', 'libicuuc.so.72', 'libidn2.so.0', 'liblber-2.5.so.0', 'libldap-2.5.so.0', 'libp11-kit.so.0', 'libtasn1.so.6', 'libunistring.so.2'],
  trixie: ['libicudata.so.76', 'libicui18n.so.76', 'libicuuc.so.76', 'libxml2.so.2'],
}

export const images: readonly Image[] = [
  { reference: pauseImage, layers: [{ pause: '/pause' }], config: { Entrypoint: ['/pause'], User: nobody } },
  { reference: toolboxImage, layers: [{ busybox: '/bin/busybox' }], config: { Entrypoint: ['/bin/sh'], Env: ['PATH=/bin'] } },
  { reference: corednsImage, layers: [{ program: 'coredns', at: '/coredns' }], config: { Entrypoint: ['/coredns'], WorkingDir: '/' } },
  { reference: localPathImage, layers: [{ program: 'local-path-provisioner', at: '/local-path-provisioner' }], config: { Entrypoint: ['/local-path-provisioner'], WorkingDir: '/' } },
  {
    reference: operatorImage,
    // The operator copies itself from this path into the pods of its clusters.
    layers: [{ program: 'cloudnative-pg', at: `/operator/manager_${architecture}`, links: ['/manager'] }],
    config: { Entrypoint: ['/manager'], User: nobody, WorkingDir: '/', Env: ['PATH=/'] },
  },
  ...Object.entries(postgresqlSuites).map(([major, suite]) => postgresql(Number(major) as PostgresqlMajor, suite)),
  {
    reference: barmanImage,
    layers: [
      {
        suite: barmanSuite,
        packages: ['barman-cli-cloud', 'ca-certificates', 'postgresql-client-17', 'python3-boto3'],
        setUp: [
          'groupmod -g 126 tape; groupadd -g 26 postgres; useradd -u 26 -g 26 -d /var/lib/postgresql -M postgres',
          // A layer has no times, by which Python would take what is compiled for old, and compile it anew for each WAL file.
          'python3 -m compileall -qf --invalidation-mode unchecked-hash /usr/lib/python3*',
        ].join('\n'),
      },
      { program: 'barman-cloud', at: '/manager' },
    ],
    config: { Entrypoint: ['/manager'], User: '26:26', Env: ['PATH=/usr/local/bin:/usr/bin:/bin', 'LANG=C.UTF-8', 'HOME=/tmp'] },
  },
]

/** CloudNativePG wants the programs on PATH, and the account that its own images have: 26, which Debian gives to group tape. */
function postgresql(major: PostgresqlMajor, suite: string): Image {
  return {
    reference: postgresqlImage(major),
    layers: [server(major, suite), ...librariesBefore(major)],
    config: { Entrypoint: ['/bin/bash'], User: '26', Env: [`PATH=${programsOf(major)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, 'LANG=C.UTF-8'] },
  }
}

function server(major: PostgresqlMajor, suite: string): Suite {
  return {
    suite,
    packages: [`postgresql-${major}`, 'ca-certificates'],
    setUp: [
      'groupmod -g 126 tape; groupmod -g 26 postgres; usermod -u 26 -g 26 postgres',
      'chown -R 26:26 /var/lib/postgresql /var/run/postgresql',
      `ln -sf ${programsOf(major)}/* /usr/bin/`,
      // The compiler of the JIT is more than half of the image.
      `rm -rf /usr/lib/*/libLLVM* /usr/lib/postgresql/${major}/lib/llvmjit* /usr/lib/postgresql/${major}/lib/bitcode`,
    ].join('\n'),
  }
}

function programsOf(major: PostgresqlMajor): string {
  return `/usr/lib/postgresql/${major}/bin`
}

/**
 * A major upgrade runs the programs of the major before in the image of the next one. The images that people use are all made of one
 * Debian; here each has its own, so the libraries of the one before are put beside its own.
 */
function librariesBefore(major: PostgresqlMajor): Layer[] {
  const older = Object.keys(postgresqlSuites).map(key => Number(key) as PostgresqlMajor).filter(other => other < major).at(-1)
  if (older === undefined)
    return []
  const suite = postgresqlSuites[older]
  return [{ of: server(older, suite), files: (ownLibraries[suite] ?? []).map(name => `./usr/lib/*/${name}*`) }]
}
